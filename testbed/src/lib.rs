//! Where do tests and benches get a PostgreSQL server, a folder and a port to throw away?
//!
//! Everything here is blocking standard-library code, and nothing here outlives the process that asked for it: a guard
//! process stops the server and deletes its folder when the owner drops it, panics, exits or is killed.
//! This crate is never part of the product.

mod binaries;
mod cluster;
#[cfg(test)]
mod cluster_tests;
mod error;
mod guard;
mod temp;
mod user;

pub use binaries::{Binaries, OLDEST_MAJOR};
pub use cluster::{Cluster, ClusterOptions, Durability};
pub use error::TestbedError;
pub use temp::{TempDir, free_port, temp_dir, temp_dir_in};
