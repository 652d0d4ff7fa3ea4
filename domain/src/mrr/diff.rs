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
        let cases = [
            ("", "ab", "", "ab"),
            ("ab", "ab", "", ""),
            ("ab", "", "ab", ""),
            ("abc", "axc", "b", "x"),
            ("abc", "cba", "", ""),
            ("aab", "abb", "a", "b"),
        ];
        for (open, computed, close, fresh) in cases {
            let open_rows: Vec<char> = open.chars().collect();
            let found = diff(&open_rows, computed.chars().collect());
            let texts: (String, String) = (found.close.into_iter().collect(), found.open.into_iter().collect());
            assert_eq!(texts, (close.to_owned(), fresh.to_owned()), "{open} to {computed}");
        }
    }
}
