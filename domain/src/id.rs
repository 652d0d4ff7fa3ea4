//! The identifiers of things, as types that cannot be exchanged for one another.
//!
//! Ids are prefixed text outside (`cus_…`); this file never makes one up: new ids arrive in commands.

/// The longest identifier accepted from outside; Stripe's own limit is 255.
pub const MAX_ID_CHARS: usize = 255;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to 255 visible ASCII characters and no slash")]
pub struct InvalidId;

macro_rules! newtype_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                // A slash separates tenant and id in a stream's name, so no id may hold one.
                let fine = !text.is_empty()
                    && text.len() <= MAX_ID_CHARS
                    && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
                if fine { Ok(Self(text.into())) } else { Err(InvalidId) }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

newtype_id!(
    /// One business whose billing the ledger keeps: `coaching`, `education`, `healthcare`, `skincare`.
    TenantId
);
newtype_id!(
    /// A customer, `cus_…`. A customer first seen at Stripe keeps Stripe's id.
    CustomerId
);
newtype_id!(
    /// A subscription, `sub_…`.
    SubscriptionId
);
newtype_id!(
    /// An invoice, `in_…`.
    InvoiceId
);
newtype_id!(
    /// A payment: `pay_…` of our own, else Stripe's payment intent, or its charge where there is no intent.
    PaymentId
);
newtype_id!(
    /// A dunning campaign, `dun_…`; there is one an invoice or card, so its id is derived from theirs.
    CampaignId
);
newtype_id!(
    /// A payout, `po_…`.
    PayoutId
);
newtype_id!(
    /// A call to an outside processor, `pc_…`.
    ProcessorCallId
);
newtype_id!(
    /// A payment method, `pm_…` or a legacy card or source id.
    PaymentMethodId
);
newtype_id!(
    /// A plan of the catalogue, or the plan or price that Stripe named.
    PlanId
);
newtype_id!(
    /// A Stripe event, `evt_…`.
    StripeEventId
);
