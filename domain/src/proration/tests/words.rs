//! Are the choices of a tenant written and read by the words of its settings?

use super::*;

#[test]
fn modes_are_read_and_written() {
    let cases = [
        ("second", ProrationMode::Second),
        ("day_half_open", ProrationMode::DayHalfOpen),
        ("day_inclusive", ProrationMode::DayInclusive),
        ("fixed_days(30)", fixed(30)),
        ("fixed_days(1)", fixed(1)),
        ("fixed_days(31)", fixed(31)),
    ];
    for (word, mode) in cases {
        let json = format!("\"{word}\"");
        assert_eq!(serde_json::from_str::<ProrationMode>(&json).unwrap(), mode);
        assert_eq!(serde_json::to_string(&mode).unwrap(), json);
    }
    assert_eq!(ProrationMode::default(), ProrationMode::Second);
}

#[test]
fn other_words_are_refused() {
    let words =
        ["", "Second", "day", "fixed_days", "fixed_days()", "fixed_days(0)", "fixed_days(32)", "fixed_days(+5)"];
    for word in words {
        let refused = word.parse::<ProrationMode>().unwrap_err().to_string();
        assert!(refused.starts_with("proration: is \""), "{refused}");
    }
}

#[test]
fn the_other_choices_are_plain_words() {
    let written = [
        serde_json::to_string(&ProrationBehavior::default()),
        serde_json::to_string(&ProrationBehavior::AlwaysInvoice),
        serde_json::to_string(&ProrationBehavior::None),
        serde_json::to_string(&CreditBasis::default()),
        serde_json::to_string(&TerminationPolicy::default()),
        serde_json::to_string(&AnchorRule::default()),
        serde_json::to_string(&AnchorRule::StickyEndOfMonth),
        serde_json::to_string(&AnchorRule::Calendar),
    ];
    let expected =
        ["create_prorations", "always_invoice", "none", "billed", "credit", "clamp", "sticky_end_of_month", "calendar"];
    assert_eq!(written.map(Result::unwrap), expected.map(|word| format!("\"{word}\"")));
}
