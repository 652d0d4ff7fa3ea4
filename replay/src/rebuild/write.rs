//! Bulk writes in pieces. On SQLite the log and the read models share one writer, so a piece is at most about ten
//! milliseconds of it, and between two pieces the appender has its turn (rule P5).

use std::time::{Duration, Instant};

use store::{Engine, Ledger, StoreError, TableWrite, Values};

/// What a piece should take at most where the writer is shared.
const TARGET: Duration = Duration::from_millis(8);
/// Rows of a piece where nothing is shared: one statement's worth.
const POSTGRES_ROWS: usize = 4_000;
/// Where the search for the right size starts, and its bounds.
const FIRST_ROWS: usize = 200;
const FEWEST_ROWS: usize = 25;
const MOST_ROWS: usize = 4_000;
/// Long documents weigh more than their number: a piece has at most about this many bytes of text.
const PIECE_BYTES: usize = 1 << 20;

/// Writes in pieces, whose size follows what the last ones took.
#[derive(Debug)]
pub(super) struct Pieces {
    rows: usize,
    adapts: bool,
}

impl Pieces {
    pub fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self { rows: FIRST_ROWS, adapts: true },
            Engine::Postgres => Self { rows: POSTGRES_ROWS, adapts: false },
        }
    }

    /// Writes everything, each piece in a transaction of its own: nobody reads side tables meanwhile.
    pub async fn write(&mut self, ledger: &Ledger, write: TableWrite) -> Result<(), StoreError> {
        let TableWrite { table, suffix, upserts, deletes } = write;
        let mut deletes = deletes.into_iter();
        let mut upserts = upserts.into_iter();
        loop {
            let deletes = self.take(&mut deletes);
            let upserts = if deletes.is_empty() { self.take(&mut upserts) } else { Vec::new() };
            if deletes.is_empty() && upserts.is_empty() {
                return Ok(());
            }
            let rows = deletes.len() + upserts.len();
            let piece = TableWrite { table, suffix: suffix.clone(), upserts, deletes };
            let started = Instant::now();
            ledger.write_rows(&[piece], &[]).await?;
            self.adapt(rows, started.elapsed());
        }
    }

    fn take(&self, rows: &mut std::vec::IntoIter<Values>) -> Vec<Values> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while taken.len() < self.rows && bytes < PIECE_BYTES {
            let Some(row) = rows.next() else { break };
            bytes += row.iter().map(text_bytes).sum::<usize>();
            taken.push(row);
        }
        taken
    }

    /// Aims at the target, by no more than half or double at a time: a disk's hiccup says little of the next piece.
    fn adapt(&mut self, rows: usize, took: Duration) {
        if !self.adapts {
            return;
        }
        let took_us = took.as_micros().max(1);
        let fitting = usize::try_from(rows as u128 * TARGET.as_micros() / took_us).unwrap_or(MOST_ROWS);
        // A last piece that was small for want of rows says nothing against large ones.
        if took < TARGET && rows < self.rows {
            return;
        }
        self.rows = fitting.clamp(self.rows / 2, self.rows * 2).clamp(FEWEST_ROWS, MOST_ROWS);
    }
}

fn text_bytes(value: &store::Value) -> usize {
    match value {
        store::Value::Null | store::Value::Int(_) => 0,
        store::Value::Text(text) => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Value;

    #[test]
    fn the_size_of_a_piece_follows_what_the_last_one_took() {
        let ms = Duration::from_millis;
        let cases = [
            (200, 200, ms(8), 200),
            (200, 200, ms(1), 400),
            (200, 200, ms(16), 100),
            (200, 200, ms(1_000), 100),
            (200, 20, ms(1), 200),
            (200, 100, ms(16), 100),
            (30, 30, ms(1_000), 25),
            (3_000, 3_000, ms(1), 4_000),
        ];
        for (before, rows, took, expected) in cases {
            let mut pieces = Pieces { rows: before, adapts: true };
            pieces.adapt(rows, took);
            assert_eq!(pieces.rows, expected, "{before} {rows} {took:?}");
        }
    }

    #[test]
    fn a_piece_is_bounded_in_rows_and_bytes() {
        let row = |bytes: usize| vec![Value::Int(1), Value::Text("x".repeat(bytes))];
        let pieces = Pieces { rows: 3, adapts: true };
        let cases = [(vec![], 0), (vec![row(1); 2], 2), (vec![row(1); 5], 3), (vec![row(PIECE_BYTES / 2); 3], 2)];
        for (rows, expected) in cases {
            assert_eq!(pieces.take(&mut rows.into_iter()).len(), expected);
        }
    }
}
