//! Our calls to Stripe over a real socket: done once whatever goes wrong, and the caller knows what is known.

mod backfill;
mod calls;
mod money;
mod refusals;
mod setup;

use std::time::Duration;

use api::stripe::client::{IdempotencyKey, Timing};

/// Waits as short as they can be, and a patience that nothing but a fault uses up.
fn timing() -> Timing {
    Timing {
        connect_timeout: Duration::from_mins(1),
        timeout: Duration::from_mins(1),
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(2),
        ..Timing::default()
    }
}

/// For answers that never come.
fn impatient() -> Timing {
    Timing { timeout: Duration::from_secs(2), ..timing() }
}

fn key(attempt: &str) -> IdempotencyKey {
    IdempotencyKey::of(&["tests", attempt])
}
