//! Into which lines is a text broken, so that none is wider than its column? Between words, after hyphens, and inside a
//! word that is too wide for a line of its own; never inside a letter with its marks.

use super::clean;
use super::face::{Face, Faces};
use super::layout::{Length, Line, Style};

const ELLIPSIS: &str = "…";

impl Faces {
    /// The width of a text that [`Faces::show`] gave.
    pub(super) fn width(&self, style: Style, text: &str) -> Length {
        let face = self.of(style.weight);
        let units = face.shape(text).iter().map(|glyph| i64::from(glyph.x_advance)).sum();
        scaled(units, style.size, face.units_per_em())
    }

    /// What can be shown of a text on one line.
    pub(super) fn show(&self, style: Style, text: &str) -> String {
        self.of(style.weight).showable(clean::one_line(text))
    }

    /// The text in at most so many lines of at most this width; the last ends in an ellipsis where there is more.
    pub(super) fn wrap(&self, style: Style, text: &str, width: Length, most: usize) -> Vec<Line> {
        let text = self.show(style, text);
        let mut lines = broken(self.of(style.weight), style.size, &text, width);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                *last = self.shortened(style, last, width);
            }
        }
        lines.into_iter().map(|text| Line { style, text }).collect()
    }

    fn shortened(&self, style: Style, text: &str, width: Length) -> String {
        let mut kept = text.to_owned();
        loop {
            let candidate = format!("{}{ELLIPSIS}", kept.trim_end());
            if self.width(style, &candidate) <= width || kept.pop().is_none() {
                return candidate;
            }
        }
    }
}

/// A place where a line may end, and where the next one then starts; `used` is the width up to there.
struct Opportunity {
    end: usize,
    next: usize,
    used: i64,
}

fn broken(face: &Face, size: Length, text: &str, width: Length) -> Vec<String> {
    let limit = i64::from(width) * i64::from(face.units_per_em()) / i64::from(size.max(1));
    let mut lines = Lines { text, start: 0, done: Vec::new() };
    let mut used: i64 = 0;
    let mut opportunity: Option<Opportunity> = None;
    for (cluster, advance) in clusters(face, text) {
        let shown = text.get(cluster.clone()).unwrap_or_default();
        if shown == " " {
            used += advance;
            opportunity = Some(Opportunity { end: cluster.start, next: cluster.end, used });
            continue;
        }
        while used + advance > limit && cluster.start > lines.start {
            let at = opportunity.take().unwrap_or(Opportunity { end: cluster.start, next: cluster.start, used });
            lines.end(at.end, at.next);
            used -= at.used;
        }
        used += advance;
        let before = text.get(..cluster.start).unwrap_or_default();
        if shown.ends_with(['-', '–', '/', '@']) && before.ends_with(char::is_alphanumeric) {
            opportunity = Some(Opportunity { end: cluster.end, next: cluster.end, used });
        }
    }
    lines.end(text.len(), text.len());
    lines.done
}

/// The clusters of a text with their widths in units.
fn clusters(face: &Face, text: &str) -> Vec<(std::ops::Range<usize>, i64)> {
    let mut clusters: Vec<(std::ops::Range<usize>, i64)> = Vec::new();
    for glyph in face.shape(text) {
        match clusters.last_mut() {
            Some((cluster, advance)) if *cluster == glyph.cluster => *advance += i64::from(glyph.x_advance),
            Some(_) | None => clusters.push((glyph.cluster, i64::from(glyph.x_advance))),
        }
    }
    clusters
}

struct Lines<'a> {
    text: &'a str,
    start: usize,
    done: Vec<String>,
}

impl Lines<'_> {
    fn end(&mut self, end: usize, next: usize) {
        let line = self.text.get(self.start..end).unwrap_or_default().trim_end();
        if !line.is_empty() {
            self.done.push(line.to_owned());
        }
        self.start = next;
    }
}

fn scaled(units: i64, size: Length, units_per_em: i32) -> Length {
    let exact = units * i64::from(size) / i64::from(units_per_em.max(1));
    Length::try_from(exact).unwrap_or(Length::MAX)
}
