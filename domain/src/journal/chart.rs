//! Which accounts are there? The chart of revenue.md §3.2, with number, name and the side on which each normally stands.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Debit,
    Credit,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    Bank,
    PspClearing,
    PendingPayments,
    DisputedFunds,
    ExternalPayments,
    Receivable,
    Unbilled,
    Allowance,
    Deferred,
    DeferredLongTerm,
    TaxPayable,
    CustomerBalance,
    RefundsPayable,
    UnappliedCash,
    SubscriptionRevenue,
    UsageRevenue,
    OneTimeRevenue,
    Discounts,
    Refunds,
    CreditNotes,
    Chargebacks,
    Voids,
    Recoveries,
    ProcessingFees,
    DisputeFees,
    BadDebt,
    ExchangeLoss,
    Rounding,
}

impl Account {
    pub const ALL: [Self; 28] = [
        Self::Bank,
        Self::PspClearing,
        Self::PendingPayments,
        Self::DisputedFunds,
        Self::ExternalPayments,
        Self::Receivable,
        Self::Unbilled,
        Self::Allowance,
        Self::Deferred,
        Self::DeferredLongTerm,
        Self::TaxPayable,
        Self::CustomerBalance,
        Self::RefundsPayable,
        Self::UnappliedCash,
        Self::SubscriptionRevenue,
        Self::UsageRevenue,
        Self::OneTimeRevenue,
        Self::Discounts,
        Self::Refunds,
        Self::CreditNotes,
        Self::Chargebacks,
        Self::Voids,
        Self::Recoveries,
        Self::ProcessingFees,
        Self::DisputeFees,
        Self::BadDebt,
        Self::ExchangeLoss,
        Self::Rounding,
    ];

    pub fn number(self) -> u16 {
        self.described().0
    }

    pub fn name(self) -> &'static str {
        self.described().1
    }

    /// The side on which its balance normally is.
    pub fn side(self) -> Side {
        self.described().2
    }

    pub fn from_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.number() == number)
    }

    fn described(self) -> (u16, &'static str, Side) {
        use Side::{Credit, Debit};
        match self {
            Self::Bank => (1000, "Bank", Debit),
            Self::PspClearing => (1010, "PSP clearing", Debit),
            Self::PendingPayments => (1015, "Pending payments", Debit),
            Self::DisputedFunds => (1020, "Disputed funds receivable", Debit),
            Self::ExternalPayments => (1030, "External payments", Debit),
            Self::Receivable => (1100, "Accounts receivable", Debit),
            Self::Unbilled => (1110, "Unbilled receivable", Debit),
            Self::Allowance => (1190, "Allowance for doubtful accounts", Credit),
            Self::Deferred => (2000, "Deferred revenue, current", Credit),
            Self::DeferredLongTerm => (2010, "Deferred revenue, long-term", Credit),
            Self::TaxPayable => (2100, "Tax payable", Credit),
            Self::CustomerBalance => (2200, "Customer credit balance", Credit),
            Self::RefundsPayable => (2210, "Refunds payable", Credit),
            Self::UnappliedCash => (2220, "Unapplied cash", Credit),
            Self::SubscriptionRevenue => (4000, "Subscription revenue", Credit),
            Self::UsageRevenue => (4010, "Usage revenue", Credit),
            Self::OneTimeRevenue => (4020, "One-time revenue", Credit),
            Self::Discounts => (4900, "Discounts", Debit),
            Self::Refunds => (4910, "Refunds", Debit),
            Self::CreditNotes => (4920, "Credit notes", Debit),
            Self::Chargebacks => (4930, "Chargebacks", Debit),
            Self::Voids => (4940, "Voids", Debit),
            Self::Recoveries => (4990, "Recoveries", Credit),
            Self::ProcessingFees => (6000, "Processing fees", Debit),
            Self::DisputeFees => (6010, "Dispute fees", Debit),
            Self::BadDebt => (6100, "Bad debt", Debit),
            Self::ExchangeLoss => (6200, "Foreign exchange loss", Debit),
            Self::Rounding => (6900, "Rounding", Debit),
        }
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.number())
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u16::deserialize(deserializer)?;
        Self::from_number(number).ok_or_else(|| serde::de::Error::custom(format!("{number} is no account")))
    }
}
