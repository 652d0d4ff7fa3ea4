//! Derived rows with the position since which they are known, and what a new fact does to them: some are closed, some
//! are opened, none is overwritten (rule P6).

use std::cmp::Ordering;

use domain::mrr::diff;
use serde::{Deserialize, Serialize};

/// The `to_position` of a row that holds, and the `effective_to` of one that has no end.
pub const OPEN: i64 = i64::MAX;

/// A row that holds, and the event that made it so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known<R> {
    pub from_position: i64,
    pub row: R,
}

/// Replaces what is known by what was computed anew at a position. Rows that come out as they were stay as they are;
/// each other one is written: those that no longer hold with this position as their end, new ones with none.
pub(super) fn revise<R: Clone + PartialEq>(
    known: &mut Vec<Known<R>>,
    computed: &[R],
    position: i64,
    order: fn(&R, &R) -> Ordering,
    mut write: impl FnMut(&Known<R>, i64),
) {
    let before: Vec<&R> = known.iter().map(|known| &known.row).collect();
    let found = diff(&before, computed.iter().collect());
    if found.close.is_empty() && found.open.is_empty() {
        return;
    }
    let closed: Vec<R> = found.close.into_iter().map(|row| (*row).clone()).collect();
    let opened: Vec<R> = found.open.into_iter().cloned().collect();
    known.retain(|known| {
        let holds = !closed.contains(&known.row);
        if !holds {
            write(known, position);
        }
        holds
    });
    for row in opened {
        let fresh = Known { from_position: position, row };
        write(&fresh, OPEN);
        known.push(fresh);
    }
    known.sort_by(|a, b| order(&a.row, &b.row));
}
