//! The log in pages, read and decoded ahead of the fold. Positions are contiguous, so it is known beforehand where each
//! page lies, and several are read and decoded at once while an earlier one is folded. Entries that nobody folds are
//! dropped without decoding.

use std::collections::VecDeque;
use std::sync::Arc;

use projections::Record;
use store::{Entry, Ledger, StoreError};
use tokio::task::JoinHandle;

/// Pages on their way at once. Each has a connection and then a thread; more than two gain little on few cores.
const AHEAD: usize = 3;

/// A stretch of the log.
#[derive(Debug)]
pub(super) struct Page {
    /// Those that some projection reads, decoded.
    pub records: Vec<Record>,
    /// Where the stretch ends; records before it may be left out.
    pub last: i64,
    /// Whether the log went no further when it was read.
    pub at_end: bool,
}

/// Pages from the start of the log to where it ended when they were started, in order.
#[derive(Debug)]
pub(super) struct Pages {
    ledger: Ledger,
    reads: Arc<[&'static str]>,
    limit: i64,
    /// Where the next page to be started begins.
    after: i64,
    head: i64,
    coming: VecDeque<JoinHandle<Result<Option<Page>, StoreError>>>,
}

impl Pages {
    pub fn start(ledger: &Ledger, reads: Vec<&'static str>, limit: i64, head: i64) -> Self {
        Self { ledger: ledger.clone(), reads: reads.into(), limit, after: 0, head, coming: VecDeque::new() }
    }

    /// The next page, `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Page>, StoreError> {
        while self.coming.len() < AHEAD && self.after < self.head {
            let (ledger, reads, after, limit) = (self.ledger.clone(), Arc::clone(&self.reads), self.after, self.limit);
            self.after += limit;
            self.coming.push_back(tokio::spawn(async move { read(&ledger, after, limit, &reads).await }));
        }
        let Some(page) = self.coming.pop_front() else { return Ok(None) };
        match page.await {
            Ok(page) => page,
            Err(error) => Err(StoreError::Unavailable(format!("reading a page was interrupted: {error}"))),
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        for page in &self.coming {
            page.abort();
        }
    }
}

/// One page, read now; `None` at the end of the log.
pub(super) async fn read(
    ledger: &Ledger,
    after: i64,
    limit: i64,
    reads: &[&'static str],
) -> Result<Option<Page>, StoreError> {
    let head = ledger.head().await?;
    let stretch = ledger.read_kinds(after, limit, reads).await?;
    if stretch.present == 0 && after >= head {
        return Ok(None);
    }
    if stretch.present < limit.min(head - after) {
        let reason =
            format!("{} entries where {limit} were expected; `daybook audit verify` names the gap", stretch.present);
        return Err(StoreError::Corrupt { place: format!("the log after position {after}"), reason });
    }
    let (last, at_end) = (after + stretch.present, stretch.present < limit);
    let records = tokio::task::spawn_blocking(move || decode(stretch.entries)).await;
    let records =
        records.map_err(|error| StoreError::Unavailable(format!("decoding a page was interrupted: {error}")))?;
    Ok(Some(Page { records, last, at_end }))
}

fn decode(entries: Vec<Entry>) -> Vec<Record> {
    let records: Vec<Record> = entries.into_iter().map(Record::new).collect();
    for record in &records {
        // A failure to decode is met again, and named, by the fold that reads the record.
        let _ = record.event();
    }
    records
}
