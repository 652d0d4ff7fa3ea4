//! What many of Stripe's objects share: pages of lists, and metadata.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Our own names for things, kept by Stripe with its objects. An empty value removes a name.
pub type Metadata = BTreeMap<String, String>;

/// One page of a list, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { data: Vec::new(), has_more: false }
    }
}
