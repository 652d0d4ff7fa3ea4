//! Stripe's real events against the whole system: everything is kept, nothing depends on order.

mod convergence;
mod corpus;
mod recorded;
mod signing;
