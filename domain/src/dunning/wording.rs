//! What does a person want a message to say? A template's name, and what is put into it for this customer, which only
//! whoever has the customer's key can read.

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;
use crate::sealed::Sealed;

/// Letters of a template's name.
const MAX_TEMPLATE: usize = 100;

/// Nothing of it is the configuration's own template, as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// A JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personalization: Option<Sealed>,
}

impl Wording {
    /// A name is no text: text about a person would not be sealed there.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let is_name = |name: &str| {
            (1..=MAX_TEMPLATE).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte))
        };
        match &self.template {
            Some(template) if !is_name(template) => {
                let reason = format!("must be a name of 1 to {MAX_TEMPLATE} letters, digits, and _ - . /");
                Err(Refusal::invalid("template", reason))
            }
            Some(_) | None => Ok(()),
        }
    }
}
