//! A body that changes what it names, read with every digit of its decimals.

use std::collections::BTreeMap;

use domain::catalogue::{Changes, as_written};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::Failure;

#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct ChangesWire(BTreeMap<String, Box<RawValue>>);

impl ChangesWire {
    pub(super) fn read(&self) -> Result<Changes, Failure> {
        let value = |field: &str, raw: &RawValue| {
            as_written(field, raw).map_err(|_| Failure::invalid(field, None, "a JSON value of at most 127 levels"))
        };
        self.0.iter().map(|(field, raw)| Ok((field.clone(), value(field, raw)?))).collect()
    }
}
