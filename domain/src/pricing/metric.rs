//! The name of what is counted: `api_calls`, `storage_gb`. Who counts it and how is not known here.

use serde::{Deserialize, Serialize};

/// Longer names are descriptions.
const MAX_METRIC_CHARS: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a metric has 1 to 64 lower-case letters, digits and underscores and begins with a letter")]
pub struct InvalidMetric;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Metric(String);

impl Metric {
    pub fn parse(text: &str) -> Result<Self, InvalidMetric> {
        let fine = text.len() <= MAX_METRIC_CHARS
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if fine { Ok(Self(text.to_owned())) } else { Err(InvalidMetric) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Metric {
    type Error = InvalidMetric;

    fn try_from(text: String) -> Result<Self, InvalidMetric> {
        Self::parse(&text)
    }
}

impl From<Metric> for String {
    fn from(metric: Metric) -> Self {
        metric.0
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
