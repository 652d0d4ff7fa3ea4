//! Stripe's API as Daybook drives it: typed calls for what billing needs, each exactly once however often it is tried.
//! It decides nothing about money and reads no clock; what Stripe reports back as events is `domain::policy::stripe`'s.

mod checkout;
mod coupons;
mod customers;
mod error;
mod events;
mod exchange;
mod form;
mod invoices;
mod key;
mod list;
mod payment_intents;
mod payment_methods;
mod prices;
mod products;
mod reference;
mod refunds;
mod retry;
mod subscriptions;
mod trouble;
mod wire;

use std::sync::Arc;

pub use checkout::{CheckoutSession, LineItem, Mode, NewCheckoutSession, PortalSession, SubscriptionData};
pub use coupons::NewCoupon;
pub use customers::{Customer, CustomerFields, InvoiceSettings};
pub use error::{Decline, Invalid, StripeError, StripeErrorKind, Trace};
pub use events::{EventPage, EventQuery};
pub use form::Form;
pub use invoices::{Invoice, InvoiceStatus, PayInvoice};
pub use key::IdempotencyKey;
pub use list::{List, Metadata};
pub use payment_intents::{LastError, NewPaymentIntent, PaymentIntent, PaymentIntentStatus};
pub use payment_methods::{Card, PaymentMethod};
pub use prices::{NewPrice, NewTier, Price, Recurring, TransformQuantity};
pub use products::{NewProduct, Product};
pub use reference::Reference;
pub use refunds::{NewRefund, Refund, RefundStatus};
pub use retry::Timing;
pub use subscriptions::{
    CancelSubscription, NewDiscount, NewSubscription, PauseCollection, Subscription, SubscriptionChange,
    SubscriptionItem, SubscriptionItemFields, SubscriptionStatus,
};

use crate::settings::StripeAccount;

/// The version whose shapes the types here have; sent with every request, so that the account's own changes nothing.
pub const API_VERSION: &str = "2026-03-25.dahlia";

/// One account at Stripe. Clones share their connections.
#[derive(Clone)]
pub struct StripeClient(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    account: StripeAccount,
    timing: Timing,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    #[error("HTTP cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

impl StripeClient {
    /// Connects when first asked something.
    pub fn new(account: &StripeAccount, timing: Timing) -> Result<Self, NoClient> {
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(crate::tls::client_config()?)
            .user_agent(concat!("daybook/", env!("CARGO_PKG_VERSION")))
            // The key must not follow a redirect elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timing.connect_timeout)
            .timeout(timing.timeout);
        if account.is_on_this_machine() {
            http = http.no_proxy();
        }
        let http = http.build()?;
        Ok(Self(Arc::new(Inner { http, account: account.clone(), timing })))
    }
}

/// Shows where it speaks to and not as whom.
impl std::fmt::Debug for StripeClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StripeClient").field("base_url", &self.0.account.base_url.as_str()).finish_non_exhaustive()
    }
}
