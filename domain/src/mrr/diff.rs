//! Which rows to close and which to open when a backdated event changed what was known (rule P6). Rows that come out
//! as they were stay open; nothing is overwritten.

/// The rows that hold no more and the rows that hold now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff<'a, R> {
    pub close: Vec<&'a R>,
    pub open: Vec<R>,
}

/// Compares the open rows with the newly computed ones. Both may be in any order; equal rows are matched one to one.
pub fn diff<R: PartialEq>(open: &[R], computed: Vec<R>) -> Diff<'_, R> {
    // New facts mostly come at the end, so the long common beginning is passed over in one go.
    let common = open.iter().zip(&computed).take_while(|(old, new)| old == new).count();
    let mut close: Vec<&R> = open.iter().skip(common).collect();
    let mut fresh = Vec::new();
    for row in computed.into_iter().skip(common) {
        match close.iter().position(|old| **old == row) {
            Some(index) => {
                close.remove(index);
            }
            None => fresh.push(row),
        }
    }
    Diff { close, open: fresh }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_closed_and_opened() {
        let cases: [(&[i32], &[i32], &[i32], &[i32]); 6] = [
            (&[], &[1, 2], &[], &[1, 2]),
            (&[1, 2], &[1, 2], &[], &[]),
            (&[1, 2], &[], &[1, 2], &[]),
            (&[1, 2, 3], &[1, 5, 3], &[2], &[5]),
            (&[1, 2, 3], &[3, 2, 1], &[], &[]),
            (&[1, 1, 2], &[1, 2, 2], &[1], &[2]),
        ];
        for (open, computed, close, fresh) in cases {
            let found = diff(open, computed.to_vec());
            assert_eq!(found.close, close.iter().collect::<Vec<_>>(), "{open:?} to {computed:?}");
            assert_eq!(found.open, fresh, "{open:?} to {computed:?}");
        }
    }
}
