//! What time is it? The one place that reads the computer's clock; everything else is given a time (rule A1).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Real time, or a time that a test or the sandbox sets.
#[derive(Debug, Clone)]
pub enum Clock {
    Real,
    /// Microseconds since 1970 UTC.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at this instant until it is moved.
    pub fn fixed(at: Timestamp) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// The time to the microsecond, which is what the log stores.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.micros()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub fn micros(&self) -> i64 {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
            Self::Real => Timestamp::now().as_microsecond(),
            Self::Fixed(micros) => micros.load(Ordering::Relaxed),
        }
    }
}
