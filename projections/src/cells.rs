//! How a row's columns are read and written by hand, one after the other in the order of its table.
//! A stored value of the wrong type is reported with table and column, never guessed at.

use std::vec::IntoIter;

use domain::sealed::Sealed;
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use store::{Column, ColumnType, StoreError, Table, Value, Values};

/// A BIGINT column.
pub(crate) const fn int(name: &'static str) -> Column {
    Column { name, kind: ColumnType::Int }
}

/// A TEXT column.
pub(crate) const fn text(name: &'static str) -> Column {
    Column { name, kind: ColumnType::Text }
}

/// A key of texts, which is what most keys are: the tenant first, then ids.
pub(crate) fn text_key(parts: &[&str]) -> Values {
    parts.iter().map(|part| Value::Text((*part).to_owned())).collect()
}

/// Writes columns in the order of their table.
#[derive(Debug)]
pub struct Writer(Values);

impl Writer {
    pub fn new(table: &Table) -> Self {
        Self(Vec::with_capacity(table.columns.len()))
    }

    pub fn int(mut self, value: i64) -> Self {
        self.0.push(Value::Int(value));
        self
    }

    pub fn opt_int(mut self, value: Option<i64>) -> Self {
        self.0.push(value.map_or(Value::Null, Value::Int));
        self
    }

    pub fn flag(self, value: bool) -> Self {
        self.int(i64::from(value))
    }

    pub fn text(mut self, value: &str) -> Self {
        self.0.push(Value::Text(value.to_owned()));
        self
    }

    pub fn opt_text(mut self, value: Option<&str>) -> Self {
        self.0.push(value.map_or(Value::Null, |text| Value::Text(text.to_owned())));
        self
    }

    pub fn opt_sealed(self, value: Option<&Sealed>) -> Self {
        self.opt_text(value.map(Sealed::as_ciphertext))
    }

    /// A JSON document. What rows hold always serializes; if it ever did not, the empty text would be refused as
    /// corrupt when it is read.
    pub fn json<T: Serialize>(self, value: &T) -> Self {
        let document = serde_json::to_string(value).unwrap_or_default();
        self.owned(document)
    }

    pub fn owned(mut self, value: String) -> Self {
        self.0.push(Value::Text(value));
        self
    }

    pub fn finish(self) -> Values {
        self.0
    }
}

/// Reads columns in the order of their table.
#[derive(Debug)]
pub struct Reader {
    table: &'static str,
    columns: std::slice::Iter<'static, Column>,
    values: IntoIter<Value>,
}

impl Reader {
    pub fn new(table: &Table, values: Values) -> Self {
        Self { table: table.name, columns: table.columns.iter(), values: values.into_iter() }
    }

    pub fn int(&mut self) -> Result<i64, StoreError> {
        let (column, value) = self.next()?;
        match value {
            Value::Int(number) => Ok(number),
            Value::Null | Value::Text(_) => Err(self.corrupt(column, "an integer was expected")),
        }
    }

    pub fn opt_int(&mut self) -> Result<Option<i64>, StoreError> {
        let (column, value) = self.next()?;
        match value {
            Value::Int(number) => Ok(Some(number)),
            Value::Null => Ok(None),
            Value::Text(_) => Err(self.corrupt(column, "an integer or NULL was expected")),
        }
    }

    pub fn flag(&mut self) -> Result<bool, StoreError> {
        let (column, value) = self.next()?;
        match value {
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            Value::Int(_) | Value::Null | Value::Text(_) => Err(self.corrupt(column, "0 or 1 was expected")),
        }
    }

    /// A count or small number that fits the given integer type.
    pub fn small<T: TryFrom<i64>>(&mut self) -> Result<T, StoreError> {
        let (column, value) = self.next()?;
        let number = if let Value::Int(number) = value { T::try_from(number).ok() } else { None };
        number.ok_or_else(|| self.corrupt(column, "an integer in the column's range was expected"))
    }

    pub fn opt_small<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, StoreError> {
        let (column, value) = self.next()?;
        match value {
            Value::Null => Ok(None),
            Value::Int(number) => match T::try_from(number) {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(self.corrupt(column, "an integer in the column's range was expected")),
            },
            Value::Text(_) => Err(self.corrupt(column, "an integer or NULL was expected")),
        }
    }

    pub fn text(&mut self) -> Result<String, StoreError> {
        let (column, value) = self.next()?;
        match value {
            Value::Text(text) => Ok(text),
            Value::Null | Value::Int(_) => Err(self.corrupt(column, "a text was expected")),
        }
    }

    pub fn opt_text(&mut self) -> Result<Option<String>, StoreError> {
        let (column, value) = self.next()?;
        match value {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            Value::Int(_) => Err(self.corrupt(column, "a text or NULL was expected")),
        }
    }

    pub fn opt_sealed(&mut self) -> Result<Option<Sealed>, StoreError> {
        Ok(self.opt_text()?.map(Sealed::from_ciphertext))
    }

    /// One word of an enum of the domain.
    pub fn word<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let (column, value) = self.next()?;
        let word = if let Value::Text(text) = value { parse_word(&text) } else { None };
        word.ok_or_else(|| self.corrupt(column, "a known word was expected"))
    }

    /// A JSON document.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let (column, value) = self.next()?;
        let Value::Text(document) = value else {
            return Err(self.corrupt(column, "a JSON document was expected"));
        };
        serde_json::from_str(&document).map_err(|error| self.corrupt(column, &error.to_string()))
    }

    fn next(&mut self) -> Result<(&'static str, Value), StoreError> {
        let column = self.columns.next().map_or("", |column| column.name);
        match self.values.next() {
            Some(value) => Ok((column, value)),
            None => Err(self.corrupt(column, "the column is missing")),
        }
    }

    fn corrupt(&self, column: &str, reason: &str) -> StoreError {
        StoreError::Corrupt { place: format!("{}.{column}", self.table), reason: reason.to_owned() }
    }
}

fn parse_word<T: DeserializeOwned>(text: &str) -> Option<T> {
    let deserializer: StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(deserializer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::invoice::InvoiceStatus;

    const TABLE: Table = Table { name: "things", columns: &[text("thing_id"), int("count")], key_columns: 1 };

    #[test]
    fn a_wrong_type_is_reported_with_table_and_column() {
        let place = |values: Values| {
            let mut reader = Reader::new(&TABLE, values);
            let outcome = reader.text().and_then(|_| reader.int());
            match outcome {
                Err(StoreError::Corrupt { place, .. }) => Some(place),
                Ok(_) | Err(_) => None,
            }
        };
        let name = || Value::Text("a".to_owned());
        assert_eq!(place(vec![Value::Int(1), Value::Int(2)]), Some("things.thing_id".to_owned()));
        assert_eq!(place(vec![name(), name()]), Some("things.count".to_owned()));
        assert_eq!(place(vec![name(), Value::Null]), Some("things.count".to_owned()));
        assert_eq!(place(vec![name()]), Some("things.count".to_owned()));
        assert_eq!(place(vec![name(), Value::Int(2)]), None);
    }

    #[test]
    fn words_are_those_the_domain_writes() {
        for status in [InvoiceStatus::Draft, InvoiceStatus::Uncollectible, InvoiceStatus::Void] {
            assert_eq!(parse_word::<InvoiceStatus>(status.as_str()), Some(status));
        }
        assert_eq!(parse_word::<InvoiceStatus>("nonsense"), None);
    }
}
