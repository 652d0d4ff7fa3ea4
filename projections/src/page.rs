//! Pages of lists: by number with a total, or from a cursor that names the row it stands at, so that rows arriving in
//! between are neither skipped nor repeated.

use serde::{Deserialize, Serialize};

/// The most rows a list answers with; the surfaces print it as their limit.
pub const MAX_LIMIT: i64 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Asc,
    Desc,
}

impl Direction {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Asc, Self::Desc].into_iter().find(|direction| direction.as_str() == word)
    }

    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Asc => Self::Desc,
            Self::Desc => Self::Asc,
        }
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    pub limit: i64,
    pub from: From,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// The page of this number, from 1.
    Page(i64),
    /// The rows after (or, for a backward cursor, before) a row.
    Cursor(Cursor),
}

/// A place in a sorted list: the sort value and id of one row, and the way to go from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The order it belongs to, `created_at:desc`; it is refused with any other.
    pub order: String,
    pub backward: bool,
    pub value: i64,
    pub id: String,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<R> {
    pub rows: Vec<R>,
    pub total: i64,
    pub next: Option<Cursor>,
    pub previous: Option<Cursor>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    #[error("the cursor is not one of this list")]
    BadCursor,
    #[error("a limit is a number from 1 to {MAX_LIMIT}")]
    BadLimit,
    #[error("a page is a number from 1")]
    BadPage,
}

impl Cursor {
    /// The opaque text that clients keep.
    pub fn encode(&self) -> String {
        let way = if self.backward { "b" } else { "f" };
        hex::encode(format!("{way} {} {} {}", self.order, self.value, self.id))
    }

    pub fn decode(text: &str) -> Result<Self, PageError> {
        let bytes = hex::decode(text).map_err(|_| PageError::BadCursor)?;
        let plain = String::from_utf8(bytes).map_err(|_| PageError::BadCursor)?;
        let mut parts = plain.splitn(4, ' ');
        let mut part = || parts.next().ok_or(PageError::BadCursor);
        let (way, order, value, id) = (part()?, part()?, part()?, part()?);
        let backward = match way {
            "b" => true,
            "f" => false,
            _ => return Err(PageError::BadCursor),
        };
        let value = value.parse().map_err(|_| PageError::BadCursor)?;
        Ok(Self { order: order.to_owned(), backward, value, id: id.to_owned() })
    }
}

/// Where a statement starts: rows strictly beyond `(value, id)` in `direction`, after skipping `offset`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    pub direction: Direction,
    pub value: i64,
    pub id: String,
    pub limit: i64,
    pub offset: i64,
    backward: bool,
    order: String,
    page: Option<i64>,
}

/// Sorts after every id.
const LAST_ID: &str = "\u{10FFFF}";

impl PageRequest {
    pub fn page(page: i64, limit: i64) -> Self {
        Self { limit, from: From::Page(page) }
    }

    /// Checks the request against the list's order. One row more than the limit is asked for, to know of more.
    pub(crate) fn start(&self, order: &str, direction: Direction) -> Result<Start, PageError> {
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            return Err(PageError::BadLimit);
        }
        let limit = self.limit + 1;
        let order = order.to_owned();
        match &self.from {
            From::Page(page) => {
                let offset = page.checked_sub(1).and_then(|before| before.checked_mul(self.limit));
                let offset = offset.filter(|offset| *offset >= 0).ok_or(PageError::BadPage)?;
                let (value, id) = match direction {
                    Direction::Asc => (i64::MIN, String::new()),
                    Direction::Desc => (i64::MAX, LAST_ID.to_owned()),
                };
                Ok(Start { direction, value, id, limit, offset, backward: false, order, page: Some(*page) })
            }
            From::Cursor(cursor) if cursor.order == order => {
                let direction = if cursor.backward { direction.reversed() } else { direction };
                let (value, id) = (cursor.value, cursor.id.clone());
                Ok(Start { direction, value, id, limit, offset: 0, backward: cursor.backward, order, page: None })
            }
            From::Cursor(_) => Err(PageError::BadCursor),
        }
    }
}

impl Start {
    /// Makes the page of the rows that were found; `place` names a row's sort value and id.
    pub(crate) fn finish<R>(self, mut rows: Vec<R>, total: i64, place: impl Fn(&R) -> (i64, String)) -> Page<R> {
        let wanted = usize::try_from(self.limit - 1).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        if self.backward {
            rows.reverse();
        }
        let cursor = |row: Option<&R>, backward: bool| {
            row.map(|row| {
                let (value, id) = place(row);
                Cursor { order: self.order.clone(), backward, value, id }
            })
        };
        let after_is_known = self.backward || more;
        let before_is_known = if self.backward { more } else { self.page.is_none_or(|page| page > 1) };
        let next = cursor(rows.last(), false).filter(|_| after_is_known);
        let previous = cursor(rows.first(), true).filter(|_| before_is_known);
        Page { rows, total, next, previous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        for backward in [false, true] {
            let cursor = Cursor { order: "created_at:desc".to_owned(), backward, value: -5, id: "cus_1 x".to_owned() };
            assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        }
        for bad in ["", "zz", "6162", &hex::encode("x created_at 1 a"), &hex::encode("f created_at one a")] {
            assert_eq!(Cursor::decode(bad), Err(PageError::BadCursor), "{bad}");
        }
    }

    #[test]
    fn requests_out_of_bounds_are_refused() {
        let start = |limit, from| PageRequest { limit, from }.start("created_at:desc", Direction::Desc);
        assert_eq!(start(0, From::Page(1)), Err(PageError::BadLimit));
        assert_eq!(start(101, From::Page(1)), Err(PageError::BadLimit));
        assert_eq!(start(10, From::Page(0)), Err(PageError::BadPage));
        assert_eq!(start(10, From::Page(i64::MAX)), Err(PageError::BadPage));
        let foreign = Cursor { order: "created_at:asc".to_owned(), backward: false, value: 1, id: "a".to_owned() };
        assert_eq!(start(10, From::Cursor(foreign)), Err(PageError::BadCursor));
    }
}
