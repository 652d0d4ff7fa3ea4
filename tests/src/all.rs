//! Do all the parts hold together? One integration binary: one module a question, both engines wherever there is a store.
#![cfg(test)]

mod http;
mod stripe;
mod structure;
mod support;
