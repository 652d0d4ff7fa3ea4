//! How results reach stdout and tables get their looks. Decides nothing about their content.

use std::io::Write as _;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

/// Writes text and a line end to stdout. A reader that has gone away (`| head`) wants no more, which is no failure.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A table whose columns named in `numbers` are aligned to the right.
pub(crate) fn table(header: &[&str], numbers: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.iter().map(Cell::new));
    for (index, name) in header.iter().enumerate() {
        if numbers.contains(name)
            && let Some(column) = table.column_mut(index)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A count with thin groups of three: `1,234,567`.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Events a second over a span; over less than a millisecond there is no rate worth the name, so that is the least.
pub(crate) fn per_second(events: i64, elapsed: std::time::Duration) -> i64 {
    let ms = i128::try_from(elapsed.as_millis()).unwrap_or(i128::MAX).max(1);
    i64::try_from(i128::from(events) * 1000 / ms).unwrap_or(i64::MAX)
}

/// Seconds with two decimals, without floating point.
pub(crate) fn seconds(elapsed: std::time::Duration) -> String {
    format!("{}.{:02}", elapsed.as_secs(), elapsed.subsec_millis() / 10)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        let cases = [
            (0, "0"),
            (7, "7"),
            (999, "999"),
            (1_000, "1,000"),
            (-12_345, "-12,345"),
            (1_234_567, "1,234,567"),
            (i64::MIN, "-9,223,372,036,854,775,808"),
        ];
        for (number, expected) in cases {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn rates_and_seconds_need_no_floats() {
        let cases = [
            (1_000, Duration::from_secs(2), 500, "2.00"),
            (1, Duration::ZERO, 1_000, "0.00"),
            (i64::MAX, Duration::from_micros(1), i64::MAX, "0.00"),
            (90, Duration::from_millis(61_239), 1, "61.23"),
        ];
        for (events, elapsed, rate, text) in cases {
            assert_eq!((per_second(events, elapsed), seconds(elapsed)), (rate, text.to_owned()));
        }
    }
}
