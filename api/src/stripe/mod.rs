//! The side of Stripe that comes in: signatures of webhooks. What events mean is `domain::policy::stripe`'s business.

pub mod signature;
