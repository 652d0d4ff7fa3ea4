//! Personal data as the domain sees it: opaque text that it can keep, compare and pass on, and never read.
//!
//! Sealing (rule L10) happens before a command is made and unsealing when an answer is rendered; both live in `store`.
//! The same text sealed for the same subject gives the same ciphertext, so facts that repeat can be recognised.

use serde::{Deserialize, Serialize};

/// Ciphertext of one personal field, `v1:<subject>:<base64>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Wraps text that is already ciphertext.
    pub fn from_ciphertext(ciphertext: String) -> Self {
        Self(ciphertext)
    }

    pub fn as_ciphertext(&self) -> &str {
        &self.0
    }
}

/// A keyed hash of an e-mail address, by which a person is found without the address being stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlindIndex(String);

impl BlindIndex {
    pub fn from_hash(hash: String) -> Self {
        Self(hash)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What policies that read personal data out of foreign documents are given to seal it with: one subject's key.
/// A struct of two functions rather than a trait, since there is one way to seal.
pub struct Sealer<'a> {
    pub seal: &'a dyn Fn(&str) -> Sealed,
    pub email_index: &'a dyn Fn(&str) -> BlindIndex,
}

impl std::fmt::Debug for Sealer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}
