//! How long is waited, for an answer and between tries, and how often is tried? Time is tokio's; what a try is, is its
//! caller's business.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::trouble::Trouble;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    pub connect_timeout: Duration,
    /// Of one try as a whole, from connecting to the last byte of the answer.
    pub timeout: Duration,
    /// The first included.
    pub max_tries: u32,
    /// Before the second try; doubled before each further one, with jitter on top.
    pub first_wait: Duration,
    pub longest_wait: Duration,
    /// Where Stripe asks for a longer pause than this, the caller is told instead of kept waiting.
    pub longest_retry_after: Duration,
}

impl Default for Timing {
    /// A charge may take Stripe tens of seconds; four tries outlast a failover. A job with a schedule of its own comes back
    /// later with the same key.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_mins(1),
            max_tries: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(8),
            longest_retry_after: Duration::from_secs(30),
        }
    }
}

/// How a request came to its end.
#[derive(Debug)]
pub(super) struct Ended<T> {
    pub outcome: Result<T, Trouble>,
    pub tries: u32,
    /// Whether a try before the last may have been carried out.
    pub is_open: bool,
}

/// Tries until it succeeds, fails for good, or the tries are used up. `what` names the request in the log.
pub(super) async fn with_retries<T, F>(timing: &Timing, what: &str, mut attempt: impl FnMut() -> F) -> Ended<T>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let tries = AtomicU32::new(0);
    let is_open = AtomicBool::new(false);
    let counted = || {
        tries.fetch_add(1, Ordering::Relaxed);
        attempt()
    };
    let outcome = counted
        .retry(timing.backoff())
        .sleep(tokio::time::sleep)
        .when(Trouble::may_be_tried_again)
        .adjust(|trouble, wait| timing.wait(trouble, wait))
        .notify(|trouble, wait| {
            is_open.fetch_or(trouble.leaves_open(), Ordering::Relaxed);
            tracing::warn!(request = what, %trouble, ?wait, "Stripe is asked again");
        })
        .await;
    Ended { outcome, tries: tries.into_inner(), is_open: is_open.into_inner() }
}

impl Timing {
    fn backoff(&self) -> ExponentialBuilder {
        let retries = usize::try_from(self.max_tries.saturating_sub(1)).unwrap_or(usize::MAX);
        ExponentialBuilder::default()
            .with_min_delay(self.first_wait)
            .with_max_delay(self.longest_wait)
            .with_max_times(retries)
            .with_jitter()
    }

    /// The wait before the next try; `None` for no further one.
    fn wait(&self, trouble: &Trouble, proposed: Option<Duration>) -> Option<Duration> {
        let proposed = proposed?;
        match trouble.retry_after() {
            Some(asked) if asked > self.longest_retry_after => None,
            Some(asked) => Some(asked.max(proposed)),
            None => Some(proposed),
        }
    }
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
