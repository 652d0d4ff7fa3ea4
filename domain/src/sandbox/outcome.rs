//! How do the test payment methods behave (decision B10)? As Stripe's test cards do; the number is read once and never
//! stored.

use serde::{Deserialize, Serialize};

use crate::money::round_ratio;

/// What an attempt to charge comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Succeed,
    GenericDecline,
    InsufficientFunds,
    ProcessingError,
    ExpiredCard,
    LostCard,
    StolenCard,
    AuthenticationRequired,
    /// It stays in hand until it is settled.
    Processing,
}

/// The words of `PUT …/outcomes`, which are the decline codes too.
const WORDS: [(&str, Outcome); 9] = [
    ("succeed", Outcome::Succeed),
    ("generic_decline", Outcome::GenericDecline),
    ("insufficient_funds", Outcome::InsufficientFunds),
    ("processing_error", Outcome::ProcessingError),
    ("expired_card", Outcome::ExpiredCard),
    ("lost_card", Outcome::LostCard),
    ("stolen_card", Outcome::StolenCard),
    ("authentication_required", Outcome::AuthenticationRequired),
    ("processing", Outcome::Processing),
];

/// The test methods by their names and the endings of their card numbers.
const METHODS: [(&str, &str, Outcome); 10] = [
    ("pm_card_visa", "4242424242424242", Outcome::Succeed),
    ("pm_card_mastercard", "5555555555554444", Outcome::Succeed),
    ("pm_card_chargeDeclined", "4000000000000002", Outcome::GenericDecline),
    ("pm_card_chargeDeclinedInsufficientFunds", "4000000000009995", Outcome::InsufficientFunds),
    ("pm_card_chargeCustomerFail", "4000000000000341", Outcome::GenericDecline),
    ("pm_card_chargeDeclinedProcessingError", "4000000000000119", Outcome::ProcessingError),
    ("pm_card_authenticationRequired", "4000000000003220", Outcome::AuthenticationRequired),
    ("pm_card_chargeDeclinedExpiredCard", "4000000000000069", Outcome::ExpiredCard),
    ("pm_card_chargeDeclinedLostCard", "4000000000009987", Outcome::LostCard),
    ("pm_card_chargeDeclinedStolenCard", "4000000000009979", Outcome::StolenCard),
];

impl Outcome {
    pub fn from_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, outcome)| *outcome)
    }

    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(_, outcome)| *outcome == self).map_or("succeed", |(word, _)| word)
    }

    /// What a payment method does, by its id. Ids made here carry the ending of the test card: `pm_sbx_9995_…`.
    pub fn of_method(id: &str) -> Self {
        let by_name = METHODS.iter().find(|(name, _, _)| *name == id);
        let ending = id.strip_prefix("pm_sbx_").and_then(|rest| rest.split('_').next());
        let by_ending = || METHODS.iter().find(|(_, number, _)| ending.is_some_and(|ending| number.ends_with(ending)));
        by_name.or_else(by_ending).map_or(Self::Succeed, |(_, _, outcome)| *outcome)
    }

    /// The last four digits of a test card; `None` for a number that is none.
    pub fn test_card(number: &str) -> Option<&'static str> {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        METHODS.iter().find(|(_, known, _)| *known == digits).and_then(|(_, known, _)| known.get(12..))
    }

    /// The last four digits of the card behind a payment method; those of the plain test card for a name of no other.
    pub fn last4_of(id: &str) -> &'static str {
        let ending = id.strip_prefix("pm_sbx_").and_then(|rest| rest.split('_').next());
        let is_behind = |(name, number): (&str, &str)| {
            name == id || ending.is_some_and(|ending| ending.len() == 4 && number.ends_with(ending))
        };
        let known = METHODS.iter().find(|(name, number, _)| is_behind((name, number)));
        known.and_then(|(_, number, _)| number.get(12..)).unwrap_or("4242")
    }

    /// The decline code of a failure.
    pub fn decline_code(self) -> Option<&'static str> {
        match self {
            Self::Succeed | Self::Processing => None,
            Self::GenericDecline
            | Self::InsufficientFunds
            | Self::ProcessingError
            | Self::ExpiredCard
            | Self::LostCard
            | Self::StolenCard
            | Self::AuthenticationRequired => Some(self.as_str()),
        }
    }

    /// Whether trying the same method again is pointless and forbidden by the card networks.
    pub fn is_hard_decline(code: &str) -> bool {
        matches!(
            code,
            "expired_card" | "lost_card" | "stolen_card" | "pickup_card" | "invalid_account" | "incorrect_number"
        )
    }
}

/// The sandbox's own fee of a charge: 2.9 % and 30 of the smallest units of a two-digit currency (decision B8: 29.21 on
/// 997.00).
pub fn fee_minor(amount_minor: i64, exponent: u32) -> i64 {
    let fixed = match exponent {
        0 => 0,
        2 => 30,
        _ => 300,
    };
    round_ratio(i128::from(amount_minor) * 29, 1_000).unwrap_or(0).saturating_add(fixed).min(amount_minor)
}
