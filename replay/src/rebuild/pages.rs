//! The log in pages, read and decoded ahead of the fold: while one page is folded, the next is decoded on another
//! thread and the one after it is read. Entries that nobody folds are dropped without decoding.

use std::sync::Arc;

use projections::Record;
use store::{Entry, Ledger, StoreError};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

/// Pages that may be ahead of the fold.
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

/// Pages from the start of the log to its end, in order.
#[derive(Debug)]
pub(super) struct Pages {
    incoming: mpsc::Receiver<Result<JoinHandle<Page>, StoreError>>,
    /// The reader ends with this.
    _reader: JoinSet<()>,
}

impl Pages {
    pub fn start(ledger: &Ledger, reads: Vec<&'static str>, limit: i64) -> Self {
        let (sender, incoming) = mpsc::channel(AHEAD);
        let mut reader = JoinSet::new();
        let ledger = ledger.clone();
        reader.spawn(async move {
            let reads: Arc<[&str]> = reads.into();
            let mut after = 0;
            loop {
                let page = match ledger.read(after, limit).await {
                    Ok(entries) => {
                        let Some(last) = entries.last().map(|entry| entry.position) else { return };
                        after = last;
                        let at_end = i64::try_from(entries.len()).is_ok_and(|count| count < limit);
                        let reads = Arc::clone(&reads);
                        Ok((at_end, tokio::task::spawn_blocking(move || decode(entries, last, at_end, &reads))))
                    }
                    Err(error) => Err(error),
                };
                let (goes_on, page) = match page {
                    Ok((at_end, page)) => (!at_end, Ok(page)),
                    Err(error) => (false, Err(error)),
                };
                if sender.send(page).await.is_err() || !goes_on {
                    return;
                }
            }
        });
        Self { incoming, _reader: reader }
    }

    /// The next page, `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Page>, StoreError> {
        match self.incoming.recv().await {
            None => Ok(None),
            Some(Err(error)) => Err(error),
            Some(Ok(page)) => match page.await {
                Ok(page) => Ok(Some(page)),
                Err(error) => Err(StoreError::Unavailable(format!("decoding a page was interrupted: {error}"))),
            },
        }
    }
}

/// One page, read now.
pub(super) async fn read(ledger: &Ledger, after: i64, limit: i64, reads: &[&str]) -> Result<Option<Page>, StoreError> {
    let entries = ledger.read(after, limit).await?;
    let at_end = i64::try_from(entries.len()).is_ok_and(|count| count < limit);
    Ok(entries.last().map(|entry| entry.position).map(|last| decode(entries, last, at_end, reads)))
}

fn decode(entries: Vec<Entry>, last: i64, at_end: bool, reads: &[&str]) -> Page {
    let read = entries.into_iter().filter(|entry| reads.contains(&entry.aggregate_type.as_str()));
    let records: Vec<Record> = read.map(Record::new).collect();
    for record in &records {
        // A failure to decode is met again, and named, by the fold that reads the record.
        let _ = record.event();
    }
    Page { records, last, at_end }
}
