//! What does an invoice or credit note look like on paper? A pure renderer: the document's facts in, the bytes of a PDF
//! out. It calculates no amount, reads no clock and no store; the same document always gives the same bytes.

mod amount;
mod clean;
mod document;
mod face;
mod layout;
mod paint;
mod wrap;

#[cfg(test)]
mod tests;

pub use document::{
    DateSpan, DocumentDiscount, DocumentKind, DocumentLine, DocumentStatus, DocumentTax, DocumentTotals,
    InvoiceDocument, Party,
};

/// The PDF of a document. Whatever its texts contain is shown or replaced, never refused.
pub fn render(document: &InvoiceDocument) -> Result<Vec<u8>, PdfError> {
    let faces = face::Faces::embedded()?;
    paint::paint(document, &layout::lay_out(document, faces), faces)
}

#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    #[error("an embedded font cannot be read")]
    Font,
    #[error("the pages have no size")]
    PageSize,
    #[error("the PDF cannot be written: {0}")]
    Write(#[from] krilla::error::KrillaError),
}
