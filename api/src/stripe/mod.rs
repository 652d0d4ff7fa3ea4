//! Both sides of Stripe: signatures of the webhooks that come in, and the client by which Daybook drives an account. What
//! events mean is `domain::policy::stripe`'s business.

pub mod backfill;
pub mod client;
pub mod setup;
pub mod signature;
