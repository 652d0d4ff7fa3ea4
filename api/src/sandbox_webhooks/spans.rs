//! From when to when is a tenant told of what its sandbox does? Asked of the log and not of a process, so that whoever
//! comes late tells exactly what happened while the option was on.

use domain::event::LedgerEvent;
use domain::id::TenantId;
use domain::issued::Decider as _;
use domain::tenant_settings::{SETTINGS_ID, TenantSettings};
use store::{Entry, Ledger, StoreError};

/// Changes of a tenant's settings read at a time.
const PAGE: i64 = 1_000;

/// Positions after `from`, up to and with `until`; to the end of the log where it is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub from: i64,
    pub until: Option<i64>,
}

impl Span {
    pub fn covers(self, position: i64) -> bool {
        self.from < position && self.until.is_none_or(|until| position <= until)
    }
}

/// The spans in which the option was on, in their order.
pub(super) async fn spans_of(ledger: &Ledger, tenant: &TenantId) -> Result<Vec<Span>, StoreError> {
    let (mut spans, mut after) = (Vec::new(), 0);
    loop {
        let page = ledger.read_stream(tenant, TenantSettings::TYPE, SETTINGS_ID, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(spans) };
        after = last.sequence;
        for entry in &page {
            take(&mut spans, entry)?;
        }
    }
}

fn take(spans: &mut Vec<Span>, entry: &Entry) -> Result<(), StoreError> {
    let unreadable = |reason: String| StoreError::Corrupt { place: format!("position {}", entry.position), reason };
    let event = entry.decode().map_err(|error| unreadable(error.to_string()))?;
    let LedgerEvent::TenantSettings(event) = event else { return Ok(()) };
    note(spans, entry.position, event.after.policies.sandbox_webhooks);
    Ok(())
}

fn note(spans: &mut Vec<Span>, position: i64, on: bool) {
    match (spans.last_mut(), on) {
        (Some(Span { until: None, .. }), true) | (None | Some(Span { until: Some(_), .. }), false) => {}
        (Some(open @ Span { until: None, .. }), false) => open.until = Some(position),
        (None | Some(Span { until: Some(_), .. }), true) => spans.push(Span { from: position, until: None }),
    }
}

/// What is to be told next of a log that was told up to a position.
pub(super) fn next(spans: &[Span], told: i64) -> Option<Span> {
    let open = spans.iter().find(|span| span.until.is_none_or(|until| told < until))?;
    Some(Span { from: open.from.max(told), ..*open })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_while_the_option_is_on_is_told_whenever_one_looks() {
        let mut spans = Vec::new();
        for (position, on) in [(1, false), (5, true), (6, true), (9, false), (12, false), (20, true)] {
            note(&mut spans, position, on);
        }
        let closed = Span { from: 5, until: Some(9) };
        let open = Span { from: 20, until: None };
        assert_eq!(spans, [closed, open]);
        let cases = [
            (0, Some(closed)),
            (7, Some(Span { from: 7, ..closed })),
            (9, Some(open)),
            (15, Some(open)),
            (30, Some(Span { from: 30, ..open })),
        ];
        for (told, expected) in cases {
            assert_eq!(next(&spans, told), expected, "told up to {told}");
        }
        assert_eq!(next(&[], 0), None);
        assert_eq!(next(&[closed], 9), None);
    }
}
