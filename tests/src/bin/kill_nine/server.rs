//! A server process that can be killed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a start may take: recovery of a database included.
const PATIENCE: Duration = Duration::from_mins(1);
pub const WEBHOOK_SECRET: &str = "whsec_kill_nine";

pub struct Server {
    child: Child,
    pub base: String,
    pub key: String,
    client: reqwest::Client,
}

type Failed = Box<dyn std::error::Error>;

impl Server {
    pub async fn start(binary: &Path, url: &str, data_dir: &Path) -> Result<Self, Failed> {
        let port = testbed::free_port()?;
        let command = || {
            let mut command = Command::new(binary);
            command
                .env("DATABASE_URL", url)
                .env("DAYBOOK_LISTEN", format!("127.0.0.1:{port}"))
                .env("DAYBOOK_DATA_DIR", data_dir)
                .env("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
                .env("RUST_LOG", "error")
                .current_dir(data_dir);
            command
        };
        let made = command()
            .args(["keys", "create", "--tenant", "coaching", "--scope", "full", "--scope", "ledger:admin"])
            .stderr(Stdio::inherit())
            .output()?;
        if !made.status.success() {
            return Err("no key could be made".into());
        }
        let key = String::from_utf8(made.stdout)?.trim().to_owned();
        let child = command().arg("serve").stdout(Stdio::null()).stderr(Stdio::inherit()).spawn()?;
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        let server = Self { child, base: format!("http://127.0.0.1:{port}"), key, client };
        server.wait_until_ready().await?;
        Ok(server)
    }

    pub async fn wait_until_ready(&self) -> Result<(), Failed> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let answer = self.client.get(format!("{}/health/ready", self.base)).send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("the server did not become ready".into())
    }

    /// Waits as long as something moves on: how much there is to catch up with depends on the number of cycles.
    pub async fn wait_until_drained(&self) -> Result<(), Failed> {
        let mut deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while Instant::now() < deadline {
            let request = self.client.get(format!("{}/ledger/v1/projections", self.base)).bearer_auth(&self.key);
            let answer: Value = request.send().await?.json().await?;
            let drained = answer.get("projections").and_then(Value::as_array).is_some_and(|all| {
                let is = |one: &Value, field: &str, value: Value| one.get(field) == Some(&value);
                !all.is_empty() && all.iter().all(|one| is(one, "lag", 0.into()) && is(one, "state", "running".into()))
            });
            if drained {
                return Ok(());
            }
            let positions: Vec<Value> = answer
                .get("projections")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|one| one.get("position").cloned())
                .collect();
            if positions != seen {
                seen = positions;
                deadline = Instant::now() + PATIENCE;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the projections did not catch up".into())
    }

    pub fn kill_9(&mut self) -> Result<(), Failed> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
