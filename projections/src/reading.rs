//! What of the log the projector takes at a time: the events that its projections read, decoded, and how far they go.

use store::{Ledger, StoreError};

use crate::record::Record;

/// Some events of the log.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub records: Vec<Record>,
    /// The position up to which these are all.
    pub last: i64,
    /// There is probably more.
    pub full: bool,
}

/// Reads and decodes the events of these kinds among the next `limit`; `None` at the log's end.
pub(crate) async fn read(
    ledger: &Ledger,
    kinds: &[&str],
    after: i64,
    limit: i64,
) -> Result<Option<Stretch>, StoreError> {
    let read = ledger.read_kinds(after, limit, kinds).await?;
    let last = after + read.present;
    if read.entries.last().is_some_and(|entry| entry.position > last) {
        let reason = "positions are missing; `daybook audit verify` names them".to_owned();
        return Err(StoreError::Corrupt { place: format!("the log after position {after}"), reason });
    }
    if read.present == 0 {
        return Ok(None);
    }
    let records: Vec<Record> = read.entries.into_iter().map(Record::new).collect();
    decode(&records).await;
    Ok(Some(Stretch { records, last, full: read.present == limit }))
}

/// Decodes what will be read before any fold runs, and lets other tasks run in between: a thousand events take longer
/// than a request should wait.
async fn decode(records: &[Record]) {
    const STRIDE: usize = 64;
    for stretch in records.chunks(STRIDE) {
        for record in stretch {
            // A failure to decode is met again, and reported, by each fold that reads the record.
            let _ = record.event();
        }
        tokio::task::yield_now().await;
    }
}
