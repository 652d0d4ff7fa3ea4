//! What is in the ledger afterwards, against what was acknowledged.

use std::collections::HashMap;
use std::path::Path;

use api::secrets::existing_master_key;
use store::{Ledger, Options};

use crate::load::Acknowledged;

pub struct Outcome {
    pub lost: usize,
    pub doubled: usize,
    pub gaps: usize,
    pub verified: String,
    whole: bool,
}

impl Outcome {
    pub fn is_clean(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.gaps == 0 && self.whole
    }
}

pub async fn count(
    url: &str,
    data_dir: &Path,
    acknowledged: &Acknowledged,
) -> Result<Outcome, Box<dyn std::error::Error>> {
    let ledger = Ledger::open(url, Options::new(existing_master_key(data_dir, None)?)).await?;
    let mut times: HashMap<String, usize> = HashMap::new();
    let (mut after, mut gaps) = (0, 0);
    loop {
        let page = ledger.read(after, 5_000).await?;
        let Some(last) = page.last().map(|entry| entry.position) else { break };
        for entry in page {
            gaps += usize::from(entry.position != after + 1);
            after = entry.position;
            if entry.event_type == "StripeEventReceived" || entry.event_type == "CustomerCreated" {
                *times.entry(entry.aggregate_id).or_default() += 1;
            }
        }
        after = last;
    }
    let all = || acknowledged.events.iter().chain(&acknowledged.customers);
    let lost = all().filter(|id| !times.contains_key(*id)).count();
    let doubled = times.values().filter(|times| **times > 1).count();
    let verified = ledger.verify(&mut |_, _| {}).await;
    let whole = verified.is_ok();
    let verified = match verified {
        Ok(verified) => format!("{} events verified", verified.events),
        Err(error) => format!("BROKEN: {error}"),
    };
    ledger.shutdown().await;
    Ok(Outcome { lost, doubled, gaps, verified, whole })
}
