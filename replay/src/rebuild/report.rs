//! What a rebuild came to, for people and for benches.

use std::time::Duration;

use crate::printing::{grouped, per_second, seconds, table};

const HEADER: [&str; 6] = ["projection", "version", "events", "rows", "seconds", "events/s"];

/// One projection after its swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    pub name: &'static str,
    pub version: i64,
    /// The position it was swapped at: all events up to it were gone over.
    pub events: i64,
    /// In all its tables together.
    pub rows: i64,
    /// From the start of the whole rebuild to its swap; the pass over the log is shared.
    pub elapsed: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub rebuilt: Vec<Rebuilt>,
    pub elapsed: Duration,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut table = table(&HEADER, &["version", "events", "rows", "seconds", "events/s"]);
        for one in &self.rebuilt {
            table.add_row([
                one.name.to_owned(),
                one.version.to_string(),
                grouped(one.events),
                grouped(one.rows),
                seconds(one.elapsed),
                grouped(per_second(one.events, one.elapsed)),
            ]);
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_table() {
        let elapsed = Duration::from_millis(2_500);
        let rebuilt = vec![Rebuilt { name: "customers", version: 2, events: 1_000_000, rows: 12_345, elapsed }];
        let text = Report { rebuilt, elapsed }.to_string();
        let lines: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| line.contains(' '))
            .collect();
        assert_eq!(
            lines,
            ["projection version events rows seconds events/s", "customers 2 1,000,000 12,345 2.50 400,000"]
        );
    }
}
