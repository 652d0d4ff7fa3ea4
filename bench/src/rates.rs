//! How many a second, how many times as many, and how long at the most? The only arithmetic with floats, for people;
//! nothing is decided by it.
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "rates are for people")]

use std::time::Duration;

/// This many things in this time, as a rate.
pub fn per_second(count: u64, elapsed: Duration) -> f64 {
    let seconds = elapsed.as_secs_f64();
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

/// How many times the second the first is.
pub fn ratio(ours: f64, theirs: f64) -> f64 {
    if theirs > 0.0 { ours / theirs } else { 0.0 }
}

/// Rounded to two places, as the JSON line prints it.
pub fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Latencies in microseconds, sorted.
#[derive(Debug, Default)]
pub struct Latencies(Vec<u32>);

impl Latencies {
    pub fn new(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        Self(micros)
    }

    /// Latencies of several measurements as of one.
    pub fn merged(self, other: Self) -> Self {
        Self::new([self.0, other.0].concat())
    }

    /// The latency, in milliseconds, that this many in a hundred do not exceed.
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let index = (self.0.len() * percent / 100).min(last);
        self.0.get(index).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    pub fn max_ms(&self) -> f64 {
        self.percentile_ms(100)
    }
}

/// Kibibytes, as Linux counts memory, in mebibytes.
pub fn mebibytes(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_latencies_that_occurred() {
        let latencies = Latencies::new((1..=100).rev().map(|micros| micros * 1000).collect());
        let found: Vec<f64> = [0, 50, 99, 100].map(|percent| latencies.percentile_ms(percent)).into();
        assert_eq!(found, [1.0, 51.0, 100.0, 100.0]);
        assert!(Latencies::default().max_ms().abs() < f64::EPSILON);
    }
}
