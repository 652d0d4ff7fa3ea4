//! Who bills an object: ourselves with the sandbox processor, or Stripe (decision B2).

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    #[default]
    Daybook,
    Stripe,
}

impl Origin {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daybook => "daybook",
            Self::Stripe => "stripe",
        }
    }
}
