//! Numbers without gaps (rule L11): a decided event carries a placeholder, and the append fills in the counter's next
//! value under the head lock, before hashing. The number rolls back with the transaction, so none is ever skipped.
//!
//! A placeholder is a whole JSON string of the payload, in one of two forms:
//! - `{{counter:<name>:<format>}}`, for instance `{{counter:invoice/2024:INV-2024-%06d}}`; the format has one `%d` or
//!   `%0<width>d`, and both parts are letters, digits and `-_./%`;
//! - `domain::invoice::NUMBER_TO_FILL`, which stands for `{{counter:invoice/<year>:INV-<year>-%06d}}` with the year of
//!   the event's business time.
//!
//! Only what the domain decided is filled. A text that looks like a placeholder and came in with a command or stood
//! in the stream's state before stays what it is: a text. Equal placeholders in one stream's events of one append are
//! one number; in two streams they are two.

use domain::invoice::NUMBER_TO_FILL;
use jiff::Timestamp;
use jiff::tz::TimeZone;

const OPEN: &str = "{{counter:";
const CLOSE: &str = "}}";
/// The form that `NUMBER_TO_FILL` has in JSON.
const NUMBER_IN_JSON: &str = r"\u0001invoice-number\u0001";
/// Widths beyond the digits of an i64 have no use.
const MAX_WIDTH: usize = 19;

/// A text of a payload that is to be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As it stands in the JSON, without the quotes.
    pub json: String,
    /// As Rust's `Debug` would show it if a command had brought it in.
    pub debug: String,
    pub counter: String,
    pub format: String,
}

/// A number that an append needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    pub token: Token,
    /// The stream's place in the append; the same token in another stream is another number.
    pub stream: usize,
    /// The drafts whose payloads hold it.
    pub drafts: Vec<usize>,
}

/// A cheap test that is true of nearly no payload.
pub fn may_hold_tokens(payload: &str) -> bool {
    payload.contains(OPEN) || payload.contains(NUMBER_IN_JSON)
}

/// The placeholders in a payload, each once.
pub fn tokens(payload: &str, effective_at: i64) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    if payload.contains(&format!("\"{NUMBER_IN_JSON}\"")) {
        let year =
            Timestamp::from_microsecond(effective_at).map_or(1970, |instant| TimeZone::UTC.to_datetime(instant).year());
        found.push(Token {
            json: NUMBER_IN_JSON.to_owned(),
            debug: format!("{NUMBER_TO_FILL:?}").trim_matches('"').to_owned(),
            counter: format!("invoice/{year}"),
            format: format!("INV-{year}-%06d"),
        });
    }
    for (start, _) in payload.match_indices(OPEN) {
        let Some(token) = token_at(payload, start) else { continue };
        if !found.contains(&token) {
            found.push(token);
        }
    }
    found
}

fn token_at(payload: &str, start: usize) -> Option<Token> {
    let rest = payload.get(start..)?;
    let end = rest.find(CLOSE)? + CLOSE.len();
    let json = rest.get(..end)?;
    let quoted = payload.get(..start)?.ends_with('"') && rest.get(end..)?.starts_with('"');
    let inner = json.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    let (counter, format) = inner.split_once(':')?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./%".contains(&byte));
    if !quoted || counter.is_empty() || !plain(counter) || !plain(format) {
        return None;
    }
    fill(format, 0)?;
    let json = json.to_owned();
    Some(Token { debug: json.clone(), json, counter: counter.to_owned(), format: format.to_owned() })
}

/// The number in its format; `None` where the format is not one.
pub fn fill(format: &str, number: i64) -> Option<String> {
    let (before, rest) = format.split_once('%')?;
    let (width, after) = rest.split_once('d')?;
    if after.contains('%') || !width.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let width = if width.is_empty() { 0 } else { width.strip_prefix('0')?.parse::<usize>().ok()? };
    (width <= MAX_WIDTH).then(|| format!("{before}{number:0width$}{after}"))
}

/// The payload with a token replaced wherever it is a whole string.
pub fn replace(payload: &str, token: &Token, number: i64) -> String {
    let text = fill(&token.format, number).unwrap_or_default();
    payload.replace(&format!("\"{}\"", token.json), &format!("\"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let cases = [
            ("INV-2024-%06d", 42, Some("INV-2024-000042")),
            ("%d", 7, Some("7")),
            ("CN%03d/x", 12345, Some("CN12345/x")),
            ("none", 1, None),
            ("%6d", 1, None),
            ("%d%d", 1, None),
            ("%099d", 1, None),
        ];
        for (format, number, expected) in cases {
            assert_eq!(fill(format, number).as_deref(), expected, "{format}");
        }
    }

    #[test]
    fn only_whole_strings_are_tokens() {
        let counter = |payload: &str| tokens(payload, 0).into_iter().map(|token| token.counter).collect::<Vec<_>>();
        let cases = [
            (r#"{"number":"{{counter:invoice/2024:INV-2024-%06d}}"}"#, vec!["invoice/2024"]),
            (r#"{"a":"{{counter:x:%d}}","b":"{{counter:x:%d}}","c":"{{counter:y:%d}}"}"#, vec!["x", "y"]),
            (r#"{"number":"no {{counter:x:%d}}"}"#, vec![]),
            (r#"{"number":"\"{{counter:x:%d}}\""}"#, vec![]),
            (r#"{"number":"{{counter:x:no}}"}"#, vec![]),
            (r#"{"number":"{{counter::%d}}"}"#, vec![]),
            (r#"{"number":"{{counter:x"}"#, vec![]),
            (r#"{"number":"\u0001invoice-number\u0001"}"#, vec!["invoice/1970"]),
            (r#"{"number":"x\u0001invoice-number\u0001"}"#, vec![]),
        ];
        for (payload, expected) in cases {
            assert_eq!(counter(payload), expected, "{payload}");
        }
    }

    #[test]
    fn the_domain_marker_has_the_json_form_that_is_searched_for() {
        assert_eq!(serde_json::to_string(NUMBER_TO_FILL).unwrap(), format!("\"{NUMBER_IN_JSON}\""));
    }
}
