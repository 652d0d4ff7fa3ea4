//! The three dunning configurations of the coaching guide, and the steps they plan (decision B11).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::wording::Wording;
use crate::absent::is_default;

/// Which plan of action a customer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Configuration {
    StandardCustomer,
    HighValueCustomer,
    TrialCustomer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Email,
    PaymentRetry,
    Sms,
    PhoneCall,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PaymentRetry => "payment_retry",
            Self::Sms => "sms",
            Self::PhoneCall => "phone_call",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Email, Self::PaymentRetry, Self::Sms, Self::PhoneCall]
            .into_iter()
            .find(|channel| channel.as_str() == word)
    }
}

/// Days by which the guide's trial extension would extend a trial; the guide names none, and a week is its shortest trial.
const TRIAL_EXTENSION_DAYS: u16 = 7;

/// What is offered with a step; stored as its fields alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Offer {
    Discount {
        percent: u8,
        /// Months it would last; 1 is "once".
        months: u32,
    },
    /// The trial goes on, and what its end billed is void.
    TrialExtension { trial_extension_days: u16 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// From 1.
    pub number: u32,
    pub due_at: Timestamp,
    pub channel: Channel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// Of a step that was planned by hand.
    #[serde(default, skip_serializing_if = "is_default")]
    pub wording: Wording,
}

impl Configuration {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StandardCustomer => "standard_customer",
            Self::HighValueCustomer => "high_value_customer",
            Self::TrialCustomer => "trial_customer",
        }
    }

    /// Minutes after opening at which each step is due (the guide's hours, of which one is a half).
    fn schedule_minutes(self) -> &'static [i64] {
        match self {
            Self::StandardCustomer => &[60, 1_440, 4_320, 10_080, 20_160],
            Self::HighValueCustomer => &[30, 120, 720, 2_880, 5_760, 10_080, 14_400, 30_240],
            Self::TrialCustomer => &[120, 1_440, 4_320],
        }
    }

    /// Channels are used in turn, one a step (decision B14).
    fn channels(self) -> &'static [Channel] {
        match self {
            Self::StandardCustomer => &[Channel::Email, Channel::PaymentRetry, Channel::Sms],
            Self::HighValueCustomer => &[Channel::PhoneCall, Channel::Email, Channel::PaymentRetry, Channel::Sms],
            Self::TrialCustomer => &[Channel::Email, Channel::PaymentRetry],
        }
    }

    fn offer(self, step: u32) -> Option<Offer> {
        match (self, step) {
            (Self::StandardCustomer, 4) => Some(Offer::Discount { percent: 20, months: 1 }),
            (Self::StandardCustomer, 5) => Some(Offer::Discount { percent: 30, months: 3 }),
            // With the first message: dunning ends with the last.
            (Self::TrialCustomer, 1) => Some(Offer::TrialExtension { trial_extension_days: TRIAL_EXTENSION_DAYS }),
            (Self::StandardCustomer | Self::HighValueCustomer | Self::TrialCustomer, _) => None,
        }
    }

    /// The steps of a campaign opened at that instant.
    pub fn plan(self, opened_at: Timestamp) -> Vec<PlannedStep> {
        self.schedule_minutes()
            .iter()
            .zip(self.channels().iter().cycle())
            .zip(1_u32..)
            .map(|((minutes, channel), number)| PlannedStep {
                number,
                due_at: opened_at.saturating_add(SignedDuration::from_mins(*minutes)).unwrap_or(Timestamp::MAX),
                channel: *channel,
                offer: self.offer(number),
                wording: Wording::default(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_schedules_are_planned_to_the_minute() {
        let opened_at: Timestamp = "2024-01-20T10:00:00Z".parse().unwrap();
        let plan = |configuration: Configuration| {
            configuration
                .plan(opened_at)
                .iter()
                .map(|step| ((step.due_at.as_second() - opened_at.as_second()) / 60, step.channel.as_str()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            plan(Configuration::StandardCustomer),
            [(60, "email"), (1_440, "payment_retry"), (4_320, "sms"), (10_080, "email"), (20_160, "payment_retry")]
        );
        assert_eq!(
            plan(Configuration::HighValueCustomer),
            [
                (30, "phone_call"),
                (120, "email"),
                (720, "payment_retry"),
                (2_880, "sms"),
                (5_760, "phone_call"),
                (10_080, "email"),
                (14_400, "payment_retry"),
                (30_240, "sms")
            ]
        );
        assert_eq!(plan(Configuration::TrialCustomer), [(120, "email"), (1_440, "payment_retry"), (4_320, "email")]);
    }
}
