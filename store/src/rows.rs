//! Rows of read models: how a projection's tables are described, loaded and written in bulk.
//! What a row means is the projection's business; how it gets in and out fast is the engine's.

/// The two types every read-model column has on both engines (architecture.md §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    Int,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: ColumnType,
}

/// A read-model table. Its DDL is in `migrations/`; a test compares the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    /// The first this many columns are the primary key.
    pub key_columns: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(untagged)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
}

/// As the engines give it in JSON.
impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl serde::de::Visitor<'_> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("null, an integer or a text")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Int).map_err(E::custom)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }
}

/// The values of a row in the order of the table's columns, or of its key columns only.
pub type Values = Vec<Value>;

/// Rows of one table that are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Lookup<'a> {
    pub table: &'a Table,
    /// As in `TableWrite`.
    pub suffix: &'a str,
    pub keys: &'a [Values],
}

/// Rows to insert or replace in one table, at most one a key.
#[derive(Debug, Clone)]
pub struct TableWrite {
    pub table: Table,
    /// Appended to the table's name: empty for the live table, `__r7` for the side table of rebuild 7.
    pub suffix: String,
    pub upserts: Vec<Values>,
    /// Keys of rows to delete.
    pub deletes: Vec<Values>,
}

/// A projection's checkpoint moving on, by compare-and-swap: it happens only if it stands at `from` in `epoch`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CheckpointMove {
    pub name: String,
    pub epoch: i64,
    pub from: i64,
    pub to: i64,
}

/// Whether a write took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    Yes,
    /// Another projector moved a checkpoint first; nothing was written.
    LostRace,
}
