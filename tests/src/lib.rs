//! Nothing is shared by the integration tests through here; they live in `all.rs`.
