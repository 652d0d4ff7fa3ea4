//! Stripe's real events against the whole system: everything is kept, nothing depends on order.

mod convergence;
mod convergence_rows;
mod corpus;
mod oversized;
mod recorded;
mod signing;
