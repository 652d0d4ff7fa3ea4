//! Do all the parts hold together? One integration binary: one module a question, both engines wherever there is a store.
#![cfg(test)]

mod event_catalogue;
mod faults;
mod http;
mod replay;
mod scenario;
mod sql;
mod stock;
mod stripe;
mod structure;
mod support;
