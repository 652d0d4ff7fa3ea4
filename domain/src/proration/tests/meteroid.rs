//! Do the lines of changes equal those of Meteroid's own tests (billing.md §5.3)? Whole days, one line an item, each
//! rounded on its own.

use super::*;

const DAYS: ProrationMode = ProrationMode::DayHalfOpen;

#[test]
fn changes_make_one_line_an_item() {
    type Row<'a> = (&'static str, &'a [Charge], &'a [Charge], &'a [i64], i64);
    let small = [monthly("base", 2900), monthly("seats", 1000)];
    let large = [monthly("base", 9900), monthly("seats", 2500)];
    let five_small = [monthly("base", 2900), monthly("seats", 5000)];
    let five_large = [monthly("base", 9900), monthly("seats", 12_500)];
    let single = [monthly("single", 3500)];
    let cases: [Row; 7] = [
        ("M-01", &small, &large, &[-1497, -516, 5110, 1290], 4387),
        ("M-02", &large, &small, &[-5110, -1290, 1497, 516], -4387),
        ("M-03", &five_small, &five_large, &[-1497, -2581, 5110, 6452], 7484),
        ("M-04", &single, &five_small, &[-1806, 1497, 2581], 2272),
        ("nothing changed", &small, &small, &[], 0),
        ("one item stays", &small, &[monthly("base", 2900), monthly("seats", 2500)], &[-516, 1290], 774),
        ("one item goes", &small, &[monthly("base", 2900)], &[-516], -516),
    ];
    let anchor = Anchor::utc(on("2024-01-01"));
    for (what, before, after, expected, total) in cases {
        let january = from(&anchor, Interval::MONTHLY, "2024-01-01");
        let lines: Vec<Billed> = before
            .iter()
            .map(|charge| billed(&charge.item, i64::try_from(charge.full_minor).unwrap(), january))
            .collect();
        let found = changed(&rules(DAYS), &anchor, "2024-01-16", before, after, &lines);
        assert_eq!((amounts(&found).as_slice(), found.total_minor()), (expected, total), "{what}");
    }
}

/// M-07, M-08: what is charged once is charged in full, a yearly item by its year.
#[test]
fn added_items_are_charged_by_their_own_interval() {
    let once = Charge { interval: None, ..monthly("setup", 100_000) };
    let metered = Charge { usage: Usage::Metered, ..monthly("calls", 100_000) };
    let yearly = charge("support", 365_000, Interval::YEARLY);
    let cases: [(&str, Charge, &str, &[i64]); 4] = [
        ("M-07", once.clone(), "2022-06-23", &[100_000]),
        ("M-08", yearly.clone(), "2022-06-01", &[30_000]),
        ("M-08, with eight days left", yearly, "2022-06-23", &[8000]),
        ("usage is billed afterwards", metered, "2022-06-23", &[]),
    ];
    let anchor = Anchor::utc(on("2022-06-01"));
    for (what, added, at, expected) in cases {
        let found = changed(&rules(DAYS), &anchor, at, &[], &[added], &[]);
        assert_eq!(amounts(&found), expected, "{what}");
    }
    let none = Rules { behavior: ProrationBehavior::None, ..rules(DAYS) };
    let found = changed(&none, &anchor, "2022-06-23", &[], &[once], &[]);
    assert_eq!(amounts(&found), [100_000], "M-07, with no prorations");
}

/// M-09: a price overridden for the same item is one line, and one that comes to nothing is none.
#[test]
fn overrides_net_to_one_line() {
    let anchor = Anchor::utc(on("2023-06-01"));
    let june = from(&anchor, Interval::MONTHLY, "2023-06-01");
    let cases = [("M-09", 5000, vec![("base", -5000)]), ("M-09, net zero", 10_000, vec![])];
    for (what, new, expected) in cases {
        let after = Charge { quantity: 2, ..monthly("base", new) };
        let lines = [billed("base", 10_000, june)];
        let found = changed(&rules(DAYS), &anchor, "2023-06-01", &[monthly("base", 10_000)], &[after], &lines);
        assert_eq!(found.by_item().into_iter().collect::<Vec<_>>(), expected, "{what}");
    }
}

/// M-13: the cycles that have elapsed since the anchor.
#[test]
fn cycles_elapse_at_the_anchor_day_or_the_months_last() {
    let anchor = Anchor::utc(on("2024-01-31"));
    let cases = [("2024-02-15", 0), ("2024-02-29", 1), ("2024-03-31", 2), ("2024-04-30", 3)];
    for (at, expected) in cases {
        let elapsed = anchor
            .stretches(Interval::MONTHLY, anchor.instant)
            .take_while(|stretch| stretch.reference.end <= on(at))
            .count();
        assert_eq!(elapsed, expected, "{at}");
    }
}
