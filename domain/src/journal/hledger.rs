//! How does the journal read as hledger's plain text? One transaction an entry, amounts with the currency's places, so that
//! `hledger check` proves it with nothing of ours.

use std::fmt::Write as _;

use super::entry::Entry;
use crate::money::Money;
use crate::time::local_date;
use jiff::tz::TimeZone;

/// Entries in the order given; their dates are those of a zone.
pub fn hledger<'e>(entries: impl IntoIterator<Item = &'e Entry>, zone: &TimeZone) -> String {
    let mut text = String::new();
    for entry in entries {
        // Writing to a string cannot fail.
        let _ = write_entry(&mut text, entry, zone);
    }
    text
}

fn write_entry(text: &mut String, entry: &Entry, zone: &TimeZone) -> std::fmt::Result {
    // A `;` begins a comment and a `|` the note of a payee; keys have neither, but ids come from outside.
    let key: String = entry.key.chars().map(|part| if matches!(part, ';' | '|') { '_' } else { part }).collect();
    writeln!(text, "{} {key}", local_date(entry.effective_at, zone))?;
    for line in entry.lines() {
        let account = line.account;
        let amount = Money::from_minor(line.amount_minor, entry.currency);
        let jurisdiction = if line.jurisdiction.is_empty() { String::new() } else { format!(":{}", line.jurisdiction) };
        writeln!(text, "    {} {}{jurisdiction}  {amount}", account.number(), account.name().replace(',', ""))?;
    }
    writeln!(text)
}
