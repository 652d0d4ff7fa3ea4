//! How do laid-out pages become a PDF? Each text and rule is drawn where the layout put it, and the document says what it
//! is in its metadata. Nothing is moved or measured here, and nothing comes from a clock: the same pages give the same
//! bytes.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

use super::face::{Face, Faces};
use super::layout::{Ink, Length, PAGE_HEIGHT, PAGE_WIDTH, Page, PlacedText, Rule};
use super::{InvoiceDocument, PdfError, clean};

/// Of the words that are ours: labels and months.
const LANGUAGE: &str = "en";
const PRODUCER: &str = "Daybook";

pub(super) fn paint(document: &InvoiceDocument, pages: &[Page], faces: &Faces) -> Result<Vec<u8>, PdfError> {
    let mut pdf = krilla::Document::new();
    let settings = PageSettings::from_wh(points(PAGE_WIDTH), points(PAGE_HEIGHT)).ok_or(PdfError::PageSize)?;
    for page in pages {
        let mut sheet = pdf.start_page_with(settings.clone());
        let mut surface = sheet.surface();
        for rule in &page.rules {
            draw_rule(&mut surface, *rule);
        }
        for text in &page.texts {
            draw_text(&mut surface, text, faces.of(text.style.weight));
        }
        surface.finish();
        sheet.finish();
    }
    pdf.set_metadata(metadata(document));
    Ok(pdf.finish()?)
}

fn draw_rule(surface: &mut Surface<'_>, rule: Rule) {
    let area = Rect::from_xywh(points(rule.x), points(rule.y), points(rule.width), points(rule.thickness));
    let mut path = PathBuilder::new();
    if let Some(area) = area {
        path.push_rect(area);
    }
    if let Some(path) = path.finish() {
        surface.set_fill(Some(fill(rule.ink)));
        surface.draw_path(&path);
    }
}

fn draw_text(surface: &mut Surface<'_>, placed: &PlacedText, face: &Face) {
    let em = |units| em(units, face.units_per_em());
    let shaped = face.shape(&placed.text).into_iter().map(|glyph| {
        let id = GlyphId::new(glyph.id);
        let [x_advance, x_offset] = [glyph.x_advance, glyph.x_offset].map(em);
        let [y_offset, y_advance] = [glyph.y_offset, glyph.y_advance].map(em);
        KrillaGlyph::new(id, x_advance, x_offset, y_offset, y_advance, glyph.cluster, None)
    });
    let glyphs: Vec<KrillaGlyph> = shaped.collect();
    let start = Point::from_xy(points(placed.x), points(placed.baseline));
    surface.set_fill(Some(fill(placed.style.ink)));
    surface.draw_glyphs(start, &glyphs, face.embedded(), &placed.text, points(placed.style.size), false);
}

fn metadata(document: &InvoiceDocument) -> Metadata {
    let title = clean::one_line(&format!("{} {}", document.kind.title(), document.number));
    let date = document.issue_date;
    // A PDF knows the years 0 to 9999 and no others; months and days are never negative.
    let [month, day] = [date.month(), date.day()].map(i8::unsigned_abs);
    let issued = DateTime::new(u16::try_from(date.year()).unwrap_or(0)).month(month).day(day);
    let author = clean::one_line(&document.seller.name);
    let authors = if author.is_empty() { Vec::new() } else { vec![author] };
    Metadata::new()
        .title(title)
        .authors(authors)
        .language(LANGUAGE.to_owned())
        .creator(PRODUCER.to_owned())
        .producer(PRODUCER.to_owned())
        .creation_date(issued)
}

fn fill(ink: Ink) -> Fill {
    let (red, green, blue) = match ink {
        Ink::Dark => (0x1A, 0x1F, 0x2B),
        Ink::Muted => (0x66, 0x6E, 0x7D),
        Ink::Faint => (0xDD, 0xE0, 0xE6),
        Ink::Good => (0x1B, 0x7F, 0x4B),
        Ink::Pending => (0xA8, 0x6A, 0x00),
        Ink::Bad => (0xB3, 0x26, 0x1E),
    };
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

fn points(length: Length) -> f32 {
    ratio(length, 1_000)
}

fn em(units: i32, units_per_em: i32) -> f32 {
    ratio(units, units_per_em)
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a PDF's places are floats; both numbers are far below 2^24, and neither is money"
)]
fn ratio(numerator: i32, denominator: i32) -> f32 {
    numerator as f32 / denominator as f32
}
