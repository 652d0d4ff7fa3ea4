//! Does the journal say what revenue.md prints, and the same whatever the order of what is told?

mod billing;
mod disputed;
mod examples;
mod notes;
mod orders;
mod postings;
mod properties;
mod reports;
mod story;
mod told;
mod usage;
