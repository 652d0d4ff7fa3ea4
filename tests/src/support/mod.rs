//! What the integration tests stand on: a database of each engine to throw away, and a served application.

pub mod app;
pub mod engines;
pub mod tables;

pub use app::TestApp;
pub use engines::on_both_engines;
