//! The outbox of messages: what customers are to be told, by which channel. Delivering them is somebody else's business,
//! and so is the address, which is looked up then and may be erased by then.

mod fold;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use fold::MessageFold;
pub use read::{STATEMENTS, list_messages};
pub use row::MessageRow;
