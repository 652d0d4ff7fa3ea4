//! Which glyphs show a text, and how wide are they? The two embedded faces and their shaping. Never decides where a text
//! goes.

use std::ops::Range;
use std::sync::LazyLock;

use harfrust::{Direction, FontRef, ShapeOptions, ShaperData, UnicodeBuffer};
use krilla::text::Font;

use super::PdfError;

/// Noto Sans: Latin, Greek and Cyrillic (`assets/fonts/OFL.txt`).
const REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSans-Bold.ttf");

/// The glyph of whatever a face does not have.
const MISSING: u32 = 0;
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

pub(super) struct Faces {
    regular: Face,
    bold: Face,
}

pub(super) struct Face {
    font: FontRef<'static>,
    shaping: ShaperData,
    units_per_em: i32,
    embedded: Font,
}

/// Distances are in the face's units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) id: u32,
    pub(super) x_advance: i32,
    pub(super) y_advance: i32,
    pub(super) x_offset: i32,
    pub(super) y_offset: i32,
    /// The bytes of the text that it shows, alone or with others.
    pub(super) cluster: Range<usize>,
}

impl Faces {
    /// Read once in the life of the process.
    pub(super) fn embedded() -> Result<&'static Self, PdfError> {
        static FACES: LazyLock<Option<Faces>> =
            LazyLock::new(|| Some(Faces { regular: Face::read(REGULAR)?, bold: Face::read(BOLD)? }));
        FACES.as_ref().ok_or(PdfError::Font)
    }

    pub(super) fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let font = FontRef::new(bytes).ok()?;
        let shaping = ShaperData::new(&font);
        let units_per_em = shaping.shaper(&font).build().units_per_em();
        (units_per_em > 0).then_some(())?;
        Some(Self { font, shaping, units_per_em, embedded: Font::new(bytes.into(), 0)? })
    }

    pub(super) fn units_per_em(&self) -> i32 {
        self.units_per_em
    }

    pub(super) fn embedded(&self) -> Font {
        self.embedded.clone()
    }

    /// The glyphs of a text from left to right, in the order of its bytes.
    pub(super) fn shape(&self, text: &str) -> Vec<Glyph> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        let shaped = self.shaping.shaper(&self.font).build().shape(buffer, ShapeOptions::new());
        let (mut start, mut end) = (text.len(), text.len());
        let mut glyphs: Vec<Glyph> = Vec::with_capacity(shaped.len());
        for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()).rev() {
            let first = info.cluster as usize;
            if first != start {
                (start, end) = (first, start);
            }
            glyphs.push(Glyph {
                id: info.glyph_id,
                x_advance: position.x_advance,
                y_advance: position.y_advance,
                x_offset: position.x_offset,
                y_offset: position.y_offset,
                cluster: start..end,
            });
        }
        glyphs.reverse();
        glyphs
    }

    /// The text with a replacement character for every letter that the face does not have.
    pub(super) fn showable(&self, text: String) -> String {
        if self.has(&text) {
            return text;
        }
        text.chars()
            .map(|letter| if self.has(letter.encode_utf8(&mut [0; 4])) { letter } else { REPLACEMENT })
            .collect()
    }

    fn has(&self, text: &str) -> bool {
        self.shape(text).iter().all(|glyph| glyph.id != MISSING)
    }
}
