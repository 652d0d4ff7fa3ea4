//! The read model of invoices.

mod fold;
mod read;
mod row;
#[cfg(test)]
mod tests;

pub use fold::InvoiceFold;
pub use read::{STATEMENTS, billed_between, find_invoice, invoices_of_customer, latest_invoice_of_subscription};
pub use row::InvoiceRow;
