//! What all surfaces share of HTTP: request ids, extractors, and the way a failure travels to the layer that renders it.

pub mod amount;
pub mod call;
pub mod extract;
pub mod respond;
pub mod sum;

pub use amount::Amount;
pub use call::{Caller, RequestId};
pub use extract::{Body, Params};
pub use respond::{Reply, etag, render_failures};
pub use sum::Sum;
