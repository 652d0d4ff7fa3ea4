//! Where do the databases of a bench live? On one disk, or on one PostgreSQL server, for all peers of a run; everything
//! is thrown away afterwards.

use std::path::Path;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};
use store::Engine;
use testbed::{Cluster, ClusterOptions, TempDir};

use crate::{Arguments, Fault};

#[derive(Debug)]
pub struct Place {
    engine: Engine,
    folder: TempDir,
    server: Option<Server>,
}

/// Where PostgreSQL databases are made.
#[derive(Debug)]
enum Server {
    Own(Box<Cluster>),
    /// Named by the caller; what was created there is dropped again.
    Named {
        options: Box<PgConnectOptions>,
        created: Vec<String>,
    },
}

impl Place {
    pub fn open(engine: Engine, arguments: &Arguments) -> Result<Self, Fault> {
        let parent = arguments.dir.clone().unwrap_or_else(std::env::temp_dir);
        let folder = testbed::temp_dir_in(&parent)?;
        let named = arguments.database_url.as_deref().filter(|url| url.starts_with("postgres"));
        let server = match (engine, named) {
            (Engine::Sqlite, _) => None,
            (Engine::Postgres, Some(url)) => {
                let options = Box::new(PgConnectOptions::from_str(url)?);
                Some(Server::Named { options, created: Vec::new() })
            }
            (Engine::Postgres, None) => {
                let options = ClusterOptions { parent: Some(parent), ..ClusterOptions::default() };
                Some(Server::Own(Box::new(Cluster::start_with(options)?)))
            }
        };
        Ok(Self { engine, folder, server })
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The engine's word, as in `--engine` and in the JSON line.
    pub fn word(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The URL of a new, empty database.
    pub async fn database(&mut self, name: &str) -> Result<String, Fault> {
        match &mut self.server {
            None => {
                // The stock pool does not create files, so the file is there from the start.
                let file = self.folder.join(&format!("{name}.db"));
                std::fs::File::create_new(&file)?;
                Ok(format!("sqlite://{}", file.display()))
            }
            Some(Server::Own(cluster)) => Ok(cluster.create_database(name)?),
            Some(Server::Named { options, created }) => {
                let full = format!("daybook_bench_{}_{name}", std::process::id());
                let mut connection = options.connect().await?;
                connection.execute(format!("CREATE DATABASE {full}").as_str()).await?;
                connection.close().await?;
                let url = options.clone().database(&full).to_url_lossy().to_string();
                created.push(full);
                Ok(url)
            }
        }
    }

    /// Drops what was created on a named server; the rest goes away by itself.
    pub async fn close(self) -> Result<(), Fault> {
        if let Some(Server::Named { options, created }) = self.server {
            let mut connection = options.connect().await?;
            for name in created {
                connection.execute(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)").as_str()).await?;
            }
            connection.close().await?;
        }
        Ok(())
    }
}
