//! How much is coming in from outside, so that what can wait does wait. A burst of webhooks is acknowledged first: the
//! sender gives up and sends again where the answer is late, while the reactor and the projections only fall behind,
//! and say so. Nothing here decides what is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Deliveries at once that make a burst. An ordinary moment has a few.
const BURST: usize = 16;
/// How much longer than they worked the readers of the log rest during a burst: a sixth of the time stays theirs, so
/// that they go on however long it lasts.
const REST: u32 = 5;
/// The longest rest, so that a slow step is not paid for with a long silence.
const LONGEST_REST: Duration = Duration::from_millis(500);
/// How often a resting reader looks whether the burst is over.
const LOOK: Duration = Duration::from_millis(5);

/// The deliveries that are being taken in by this process.
#[derive(Debug, Clone, Default)]
pub struct Intake(Arc<AtomicUsize>);

/// One delivery, from its arrival to its answer.
#[derive(Debug)]
pub struct Delivery(Arc<AtomicUsize>);

impl Drop for Delivery {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Intake {
    /// A delivery has arrived; it is over when what is returned is dropped.
    pub fn begin(&self) -> Delivery {
        self.0.fetch_add(1, Ordering::Relaxed);
        Delivery(Arc::clone(&self.0))
    }

    pub fn is_burst(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= BURST
    }

    /// Gives way to a burst after a piece of work that took so long; returns at once where there is none.
    pub async fn give_way(&self, worked: Duration) {
        let mut left = (worked * REST).min(LONGEST_REST);
        while !left.is_zero() && self.is_burst() {
            let pause = left.min(LOOK);
            tokio::time::sleep(pause).await;
            left -= pause;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_many_deliveries_at_once() {
        let intake = Intake::default();
        let mut deliveries: Vec<Delivery> = (1..BURST).map(|_| intake.begin()).collect();
        assert!(!intake.is_burst());
        deliveries.push(intake.begin());
        assert!(intake.is_burst());
        deliveries.pop();
        assert!(!intake.is_burst());
    }
}
