//! A stretch of the log as one text. The driver copies every column of every row and hands each row over between
//! threads; for a rebuild, which reads the whole log, that costs more than SQLite itself. So the database joins the
//! columns, and they are taken apart here. The separators are control characters, which no stored column can hold: JSON
//! escapes them and ids are visible ASCII.

use sqlx::Row as _;

use super::Sqlite;
use crate::engine::read::{Columns, Stretch, entry};
use crate::entry::Entry;
use crate::error::StoreError;

const COLUMN: char = '\u{1f}';
const ROW: char = '\u{1e}';
const COLUMNS: usize = 14;

/// The count is of all rows of the stretch, so that a gap shows even where the rows beside it are not wanted.
const READ_PACKED: &str = "SELECT COUNT(*), group_concat(position || char(31) || tenant || char(31) || aggregate_type
        || char(31) || aggregate_id || char(31) || sequence || char(31) || event_type || char(31) || event_version
        || char(31) || event_id || char(31) || payload || char(31) || metadata || char(31) || recorded_at || char(31)
        || booked_at || char(31) || effective_at || char(31) || hex(entry_hash), char(30) ORDER BY position)
        FILTER (WHERE aggregate_type IN (SELECT value FROM json_each($3)))
    FROM events WHERE position > $1 AND position <= $2";

impl Sqlite {
    pub async fn read_kinds(&self, after: i64, until: i64, kinds: &[&str]) -> Result<Stretch, StoreError> {
        let wanted = serde_json::to_string(kinds).map_err(|error| StoreError::Unstorable(error.to_string()))?;
        let mut whole = Stretch { entries: Vec::new(), present: 0 };
        let mut pieces = vec![(after, until)];
        while let Some((after, until)) = pieces.pop() {
            match self.read_piece(after, until, &wanted).await {
                Ok(piece) => {
                    whole.entries.extend(piece.entries);
                    whole.present += piece.present;
                }
                Err(Piece::TooBig) if until - after > 1 => {
                    let middle = after + (until - after) / 2;
                    pieces.push((middle, until));
                    pieces.push((after, middle));
                }
                Err(Piece::TooBig) => return Err(StoreError::Database(format!("event {until} is too big to read"))),
                Err(Piece::Failed(error)) => return Err(error),
            }
        }
        Ok(whole)
    }

    async fn read_piece(&self, after: i64, until: i64, wanted: &str) -> Result<Stretch, Piece> {
        let query = sqlx::query(READ_PACKED).bind(after).bind(until).bind(wanted);
        let row = query.fetch_one(&self.readers).await.map_err(Piece::of)?;
        let packed: Option<String> = row.try_get(1).map_err(Piece::of)?;
        let entries = match packed.as_deref() {
            None => Vec::new(),
            Some(packed) => packed.split(ROW).map(unpack).collect::<Result<_, _>>().map_err(Piece::Failed)?,
        };
        Ok(Stretch { entries, present: row.try_get(0).map_err(Piece::of)? })
    }
}

/// Why a piece of a stretch was not read.
enum Piece {
    /// The text would be longer than SQLite allows; half of it may not be.
    TooBig,
    Failed(StoreError),
}

impl Piece {
    fn of(error: sqlx::Error) -> Self {
        if is_too_big(&error) { Self::TooBig } else { Self::Failed(error.into()) }
    }
}

/// Whether a text would be longer than SQLite allows, which is its code 18.
pub(super) fn is_too_big(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "18")
}

fn unpack(row: &str) -> Result<Entry, StoreError> {
    let mut columns = row.split(COLUMN);
    let mut next = || columns.next().unwrap_or_default();
    let position = next();
    let corrupt =
        |reason: &str| StoreError::Corrupt { place: format!("position {position}"), reason: reason.to_owned() };
    if row.matches(COLUMN).count() != COLUMNS - 1 {
        return Err(corrupt("a column holds a separator"));
    }
    let number = |text: &str| text.parse::<i64>().map_err(|_| corrupt("a number is not one"));
    let (tenant, aggregate_type, stored_id, sequence) = (next(), next(), next(), number(next())?);
    let (event_type, event_version, event_id) = (next(), next(), next());
    let (payload, metadata) = (next(), next());
    let (recorded_at, booked_at, effective_at) = (number(next())?, number(next())?, number(next())?);
    let hash = hex::decode(next()).map_err(|_| corrupt("the entry hash is not one"))?;
    entry(Columns {
        position: number(position)?,
        tenant,
        aggregate_type: aggregate_type.to_owned(),
        stored_id,
        sequence,
        event_type: event_type.to_owned(),
        event_version: event_version.to_owned(),
        event_id,
        payload: payload.to_owned(),
        metadata: metadata.to_owned(),
        recorded_at,
        booked_at,
        effective_at,
        entry_hash: &hash,
    })
}
