//! Who is asking, and what they may do.

pub mod jwt;
pub mod keys;
mod principal;

pub use principal::{Principal, Scope, Scopes};
