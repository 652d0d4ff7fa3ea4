//! The load: webhooks and new customers, remembering what was acknowledged.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use api::stripe::signature::sign;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::server::{Server, WEBHOOK_SECRET};

/// Connections that deliver webhooks, and those that create customers.
const WEBHOOK_CONNECTIONS: u32 = 12;
const CUSTOMER_CONNECTIONS: u32 = 4;

/// What the server answered with success.
#[derive(Debug, Clone, Default)]
pub struct Acknowledged {
    pub events: Vec<String>,
    pub customers: Vec<String>,
}

impl Acknowledged {
    pub fn len(&self) -> usize {
        self.events.len() + self.customers.len()
    }
}

pub struct Load {
    stopped: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

pub fn start(server: &Server, cycle: u32, acknowledged: &Arc<Mutex<Acknowledged>>) -> Load {
    let stopped = Arc::new(AtomicBool::new(false));
    let client = reqwest::Client::builder().no_proxy().build().unwrap_or_default();
    let mut tasks = Vec::new();
    for connection in 0..WEBHOOK_CONNECTIONS + CUSTOMER_CONNECTIONS {
        let (client, stopped, acknowledged) = (client.clone(), Arc::clone(&stopped), Arc::clone(acknowledged));
        let (base, key) = (server.base.clone(), server.key.clone());
        tasks.push(tokio::spawn(async move {
            let mut number = 0_u32;
            while !stopped.load(Ordering::Relaxed) {
                let name = format!("{cycle}x{connection}x{number}");
                number += 1;
                if connection < WEBHOOK_CONNECTIONS {
                    deliver(&client, &base, &name, &acknowledged).await;
                } else {
                    create(&client, &base, &key, &name, &acknowledged).await;
                }
            }
        }));
    }
    Load { stopped, tasks }
}

impl Load {
    pub async fn stop(self) {
        self.stopped.store(true, Ordering::Relaxed);
        for task in self.tasks {
            // A task that panicked shows as a poisoned lock.
            let _ = task.await;
        }
    }
}

/// Invoices that fail for a few customers over and over, so that reactor, dunning and projections are at work.
async fn deliver(client: &reqwest::Client, base: &str, name: &str, acknowledged: &Mutex<Acknowledged>) {
    let now_s = store::Clock::Real.now().as_second();
    let id = format!("evt_{name}");
    let body = json!({
        "id": id, "object": "event", "api_version": "2024-06-20", "created": now_s, "type": "invoice.payment_failed",
        "data": { "object": {
            "id": format!("in_{name}"), "object": "invoice", "customer": format!("cus_{}", name.len() % 7),
            "currency": "usd", "subtotal": 9_700, "total": 9_700, "amount_due": 9_700, "amount_paid": 0,
            "amount_remaining": 9_700, "attempt_count": 1, "status": "open", "created": now_s,
            "lines": { "data": [] }
        } }
    })
    .to_string();
    let request = client
        .post(format!("{base}/webhooks/stripe"))
        .header("stripe-signature", sign(WEBHOOK_SECRET, body.as_bytes(), now_s))
        .body(body);
    if let Ok(answer) = request.send().await
        && answer.status() == 200
        && let Ok(mut acknowledged) = acknowledged.lock()
    {
        acknowledged.events.push(id);
    }
}

async fn create(client: &reqwest::Client, base: &str, key: &str, name: &str, acknowledged: &Mutex<Acknowledged>) {
    let body = json!({ "email": format!("{name}@example.com") });
    let request = client.post(format!("{base}/api/v1/customers")).bearer_auth(key).json(&body);
    let Ok(answer) = request.send().await else { return };
    if answer.status() != 201 {
        return;
    }
    let Ok(customer) = answer.json::<Value>().await else { return };
    if let Some(id) = customer.get("customer_id").and_then(Value::as_str)
        && let Ok(mut acknowledged) = acknowledged.lock()
    {
        acknowledged.customers.push(id.to_owned());
    }
}
