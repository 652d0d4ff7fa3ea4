//! Does every fact of a document stand on its pages, once, in its place, whatever its texts are? The layout is tested as
//! placed texts; of the bytes only the structure.

mod amounts;
mod hostile;
mod pages;
mod sample;

use super::face::{Faces, Weight};
use super::layout::{Page, lay_out};
use super::{InvoiceDocument, render};

fn laid_out(document: &InvoiceDocument) -> Vec<Page> {
    lay_out(document, Faces::embedded().unwrap())
}

/// The texts of a page, row by row from the top and from left to right.
fn reading(page: &Page) -> Vec<String> {
    let mut texts = page.texts.clone();
    texts.sort_by_key(|text| (text.baseline, text.x));
    texts.into_iter().map(|text| text.text).collect()
}

/// A document's own texts, without the foot of the page.
fn body(page: &Page) -> Vec<String> {
    let mut texts = reading(page);
    texts.truncate(texts.len() - 2);
    texts
}

fn count(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).filter(|window| *window == needle).count()
}
