//! A mention of another object: its id, or the object itself where it was expanded.

use serde::{Deserialize, Deserializer};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub id: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Id(String),
    Object { id: String },
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (Form::Id(id) | Form::Object { id }) = Form::deserialize(deserializer)?;
        Ok(Self { id })
    }
}
