//! Somebody who was recognised: one tenant, and what it may do there.

use domain::id::TenantId;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything on the tenant's own surface.
    Full,
    /// Reading on the tenant's own surface.
    Read,
    /// Reading the ledger's surface.
    LedgerRead,
    /// Everything on the ledger's surface.
    LedgerAdmin,
}

impl Scope {
    const ALL: [Self; 4] = [Self::Full, Self::Read, Self::LedgerRead, Self::LedgerAdmin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Read => "read",
            Self::LedgerRead => "ledger:read",
            Self::LedgerAdmin => "ledger:admin",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// A set of scopes; some contain others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    pub fn new(scopes: Vec<Scope>) -> Self {
        Self(scopes)
    }

    /// Reads the stored form, words separated by spaces; unknown words give nothing.
    pub fn parse(text: &str) -> Self {
        Self(text.split_whitespace().filter_map(Scope::from_word).collect())
    }

    pub fn to_text(&self) -> String {
        self.0.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Full contains read, ledger:admin contains ledger:read.
    pub fn allow(&self, wanted: Scope) -> bool {
        self.0.iter().any(|held| {
            *held == wanted
                || matches!((held, wanted), (Scope::Full, Scope::Read) | (Scope::LedgerAdmin, Scope::LedgerRead))
        })
    }
}

#[derive(Debug, Clone)]
pub struct Principal {
    pub tenant: TenantId,
    /// For the metadata of events: `key:<id>` or `user:<subject>`.
    pub actor: String,
    pub scopes: Scopes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_contain_what_they_should() {
        let cases = [
            ("full", Scope::Read, true),
            ("full", Scope::LedgerRead, false),
            ("read", Scope::Full, false),
            ("ledger:admin", Scope::LedgerRead, true),
            ("ledger:read", Scope::LedgerAdmin, false),
            ("read ledger:read", Scope::LedgerRead, true),
            ("nonsense", Scope::Read, false),
        ];
        for (held, wanted, expected) in cases {
            assert_eq!(Scopes::parse(held).allow(wanted), expected, "{held} allows {wanted:?}");
        }
    }
}
