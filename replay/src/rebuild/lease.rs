//! Only one rebuild of a projection at a time: the lease in the projection's checkpoint row, which the projector does
//! not use. It keeps two rebuilds from writing to the same side tables; the live tables are safe without it.

use std::time::{Duration, Instant};

use projections::Projection;
use store::Ledger;

use crate::error::ReplayError;

/// How long a killed rebuild keeps the next one away. Longer than the slowest step, which is a swap that waits for
/// its locks.
const LEASE: Duration = Duration::from_secs(20);
const LEASE_MS: i64 = 20_000;

#[derive(Debug)]
pub(super) struct Lease {
    ledger: Ledger,
    owner: String,
    names: Vec<&'static str>,
    renewed: Instant,
}

impl Lease {
    pub async fn take(ledger: &Ledger, projections: &[Projection]) -> Result<Self, ReplayError> {
        let owner = format!("rebuild-{}", store::ids::fresh());
        let mut lease = Self { ledger: ledger.clone(), owner, names: Vec::new(), renewed: Instant::now() };
        for projection in projections {
            if !ledger.acquire_lease(projection.name, &lease.owner, LEASE_MS).await? {
                lease.release().await;
                return Err(ReplayError::UnderWay { projection: projection.name, seconds: LEASE.as_secs() });
            }
            lease.names.push(projection.name);
        }
        Ok(lease)
    }

    /// Renews it where a good part of its time is over.
    pub async fn keep(&mut self) -> Result<(), ReplayError> {
        if self.renewed.elapsed() < LEASE / 4 {
            return Ok(());
        }
        self.renewed = Instant::now();
        for name in &self.names {
            if !self.ledger.acquire_lease(name, &self.owner, LEASE_MS).await? {
                return Err(ReplayError::TakenOver { projection: name });
            }
        }
        Ok(())
    }

    /// Gives it back. A failure only makes the next rebuild wait.
    pub async fn release(&self) {
        for name in &self.names {
            if let Err(error) = self.ledger.acquire_lease(name, &self.owner, 0).await {
                tracing::warn!(projection = name, %error, "the lease of a rebuild was not given back");
            }
        }
    }
}
