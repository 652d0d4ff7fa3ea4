//! Both sides of Stripe: its real events against the whole system, where everything is kept and nothing depends on order,
//! and our calls against a fake that fails in every way, where everything is done once.

mod convergence;
mod convergence_rows;
mod corpus;
mod driving;
mod fake;
mod outgoing;
mod oversized;
mod recorded;
mod signing;
