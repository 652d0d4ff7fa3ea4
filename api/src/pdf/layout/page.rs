//! What is a laid-out page? Texts and rules at exact places, the sizes that all pages share, and the styles of their texts.

use crate::pdf::face::Weight;

/// Thousandths of a point, from the page's upper left corner: whole numbers, so that places are exact and comparable.
pub(in crate::pdf) type Length = i32;

/// A4.
pub(in crate::pdf) const PAGE_WIDTH: Length = 595_276;
pub(in crate::pdf) const PAGE_HEIGHT: Length = 841_890;

pub(super) const MARGIN: Length = 48_000;
pub(super) const BODY_WIDTH: Length = PAGE_WIDTH - 2 * MARGIN;
/// Rows end above the foot of the page.
pub(super) const BODY_BOTTOM: Length = PAGE_HEIGHT - MARGIN - 24_000;
pub(super) const GAP: Length = 12_000;

pub(super) const TITLE: Style = Style { weight: Weight::Bold, size: 22_000, ink: Ink::Dark };
pub(super) const NAME: Style = Style { weight: Weight::Bold, size: 11_000, ink: Ink::Dark };
pub(super) const HEADING: Style = Style { weight: Weight::Bold, size: 8_000, ink: Ink::Muted };
pub(super) const BODY: Style = Style { weight: Weight::Regular, size: 9_000, ink: Ink::Dark };
pub(super) const STRONG: Style = Style { weight: Weight::Bold, size: 9_000, ink: Ink::Dark };
pub(super) const MUTED: Style = Style { weight: Weight::Regular, size: 9_000, ink: Ink::Muted };
pub(super) const SMALL: Style = Style { weight: Weight::Regular, size: 8_000, ink: Ink::Muted };

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::pdf) struct Page {
    pub(in crate::pdf) texts: Vec<PlacedText>,
    pub(in crate::pdf) rules: Vec<Rule>,
}

/// One line of text that starts at `x` on its baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pdf) struct PlacedText {
    pub(in crate::pdf) x: Length,
    pub(in crate::pdf) baseline: Length,
    pub(in crate::pdf) style: Style,
    pub(in crate::pdf) text: String,
}

/// A thin line across; `y` is its upper edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) struct Rule {
    pub(in crate::pdf) x: Length,
    pub(in crate::pdf) y: Length,
    pub(in crate::pdf) width: Length,
    pub(in crate::pdf) thickness: Length,
    pub(in crate::pdf) ink: Ink,
}

/// A text that has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pdf) struct Line {
    pub(in crate::pdf) style: Style,
    pub(in crate::pdf) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) struct Style {
    pub(in crate::pdf) weight: Weight,
    pub(in crate::pdf) size: Length,
    pub(in crate::pdf) ink: Ink,
}

impl Style {
    pub(super) const fn line_height(self) -> Length {
        self.size * 7 / 5
    }

    /// From a line's upper edge to its baseline; the faces reach 1.07 of their size above it and 0.29 below.
    pub(super) const fn ascent(self) -> Length {
        self.size * 27 / 25
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) enum Ink {
    Dark,
    Muted,
    Faint,
    Good,
    Pending,
    Bad,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) left: Length,
    pub(super) width: Length,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}
