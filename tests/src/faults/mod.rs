//! What must hold while things go wrong around the ledger: strangers in the database, a database that goes away, and
//! replies that never arrive.

mod database_gone;
mod killed_while_billing;
mod lost_reply;
mod proxy;
mod stranger;
