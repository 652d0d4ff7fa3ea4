//! Does the journal say what revenue.md prints, and the same whatever the order of what is told?

mod billing;
mod examples;
mod orders;
mod postings;
mod properties;
mod reports;
mod story;
