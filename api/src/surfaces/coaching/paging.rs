//! Lists as the coaching document prints them: `page` and `limit`, or the cursor of an earlier answer.

use projections::{Cursor, From, ListError, MAX_LIMIT, Page, PageRequest};
use serde::Serialize;

use crate::failure::Failure;

#[derive(Debug, Serialize)]
pub(super) struct Pagination {
    page: Option<i64>,
    limit: i64,
    total: i64,
    pages: i64,
    has_next: bool,
    has_previous: bool,
    next_cursor: Option<String>,
    previous_cursor: Option<String>,
}

/// The wanted part of a list. Parameters arrive as text, so that a wrong one is refused by its name.
pub(super) fn request(
    page: Option<&str>,
    limit: Option<&str>,
    cursor: Option<&str>,
    default_limit: i64,
) -> Result<PageRequest, Failure> {
    let limit = number("limit", limit, default_limit, &format!("A number from 1 to {MAX_LIMIT}"))?;
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Failure::invalid("limit", Some(&limit.to_string()), &format!("A number from 1 to {MAX_LIMIT}")));
    }
    if let Some(cursor) = cursor {
        let cursor = Cursor::decode(cursor)
            .map_err(|_| Failure::invalid("cursor", Some(cursor), "A cursor of an earlier answer to the same list"))?;
        return Ok(PageRequest { limit, from: From::Cursor(cursor) });
    }
    let page = number("page", page, 1, "A number from 1")?;
    if page < 1 {
        return Err(Failure::invalid("page", Some(&page.to_string()), "A number from 1"));
    }
    Ok(PageRequest { limit, from: From::Page(page) })
}

fn number(field: &str, text: Option<&str>, default: i64, expected: &str) -> Result<i64, Failure> {
    match text {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| Failure::invalid(field, Some(text), expected)),
    }
}

impl Pagination {
    pub(super) fn of<R>(request: &PageRequest, page: &Page<R>) -> Self {
        let limit = request.limit.max(1);
        Self {
            page: match &request.from {
                From::Page(page) => Some(*page),
                From::Cursor(_) => None,
            },
            limit: request.limit,
            total: page.total,
            pages: (page.total + limit - 1) / limit,
            has_next: page.next.is_some(),
            has_previous: page.previous.is_some(),
            next_cursor: page.next.as_ref().map(Cursor::encode),
            previous_cursor: page.previous.as_ref().map(Cursor::encode),
        }
    }
}

pub(super) fn list_failure(error: ListError) -> Failure {
    match error {
        ListError::Page(error) => Failure::invalid("cursor", None, &error.to_string()),
        ListError::Store(error) => error.into(),
    }
}
