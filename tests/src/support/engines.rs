//! Runs a test on both engines: an SQLite file in a folder of its own, and a database in one PostgreSQL cluster that
//! all tests of the process share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use testbed::{Cluster, ClusterOptions, Durability};

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| {
        let options = ClusterOptions { durability: Durability::Off, ..ClusterOptions::default() };
        Cluster::start_with(options).expect("a PostgreSQL cluster starts")
    })
}

/// The URL of a new, empty PostgreSQL database.
pub fn postgres_url() -> String {
    let name = format!("t{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    cluster().create_database(&name).expect("a database is created")
}

/// Runs the test with the URL of an empty database of each engine, and names the engine where it fails.
pub async fn on_both_engines<F, Fut>(test: F)
where
    F: Fn(String) -> Fut,
    Fut: Future<Output = ()>,
{
    let folder = testbed::temp_dir().expect("a temporary folder");
    println!("engine: sqlite");
    test(format!("sqlite://{}", folder.join("ledger.db").display())).await;
    println!("engine: postgres");
    let url = tokio::task::spawn_blocking(postgres_url).await.expect("a database");
    test(url).await;
}

/// The URL of another database of the same cluster.
pub fn postgres_cluster_url(database: &str) -> String {
    cluster().url(database)
}

/// The port the cluster listens on.
pub fn postgres_port() -> u16 {
    cluster().port()
}
