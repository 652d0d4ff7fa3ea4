//! What must hold for any price, zone, mode and history? Credits never exceed what was billed, and splitting a period
//! costs no more than the roundings of its lines.

use proptest::prelude::*;

use super::*;

const ZONES: [&str; 6] =
    ["UTC", "America/Los_Angeles", "Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"];

const UNITS: [IntervalUnit; 4] = [IntervalUnit::Day, IntervalUnit::Week, IntervalUnit::Month, IntervalUnit::Year];
const RULES: [AnchorRule; 3] = [AnchorRule::Clamp, AnchorRule::StickyEndOfMonth, AnchorRule::Calendar];

fn any_mode() -> impl Strategy<Value = ProrationMode> {
    prop_oneof![
        Just(ProrationMode::Second),
        Just(ProrationMode::DayHalfOpen),
        Just(ProrationMode::DayInclusive),
        (1_u8..=31).prop_map(fixed),
    ]
}

/// How somebody's time is counted, and one of their periods.
fn any_period() -> impl Strategy<Value = (Counting, Period)> {
    let interval = (prop::sample::select(&UNITS), 1_u32..14);
    let anchor = (prop::sample::select(&ZONES), prop::sample::select(&RULES), 946_684_800_i64..2_208_988_800);
    (any_mode(), interval, anchor, -20_i64..20).prop_map(|(mode, (unit, count), (zone, rule, second), k)| {
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        let anchor = Anchor { instant: Timestamp::from_second(second).unwrap(), rule, zone: zone.clone() };
        (Counting { mode, zone }, anchor.period(Interval { unit, count }, k).unwrap())
    })
}

/// The instant so many thousandths into a period.
fn within(period: Period, thousandths: i64) -> Timestamp {
    Timestamp::from_second(period.start.as_second() + period.seconds() * thousandths / 1000).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_split_period_costs_the_whole_but_for_the_roundings(
        (counting, period) in any_period(),
        full_minor in -100_000_000_i64..100_000_000,
        decimals in 0_u32..4,
        mut cuts in proptest::collection::vec(0_i64..=1000, 1..6),
    ) {
        let full = Decimal::new(full_minor, decimals);
        cuts.sort_unstable();
        let instants: Vec<Timestamp> = std::iter::once(period.start)
            .chain(cuts.iter().map(|cut| within(period, *cut)))
            .chain(std::iter::once(period.end))
            .collect();
        let (mut sum, mut counted, mut denominators) = (0, 0, Vec::new());
        for pair in instants.windows(2) {
            let stretch = Stretch { period: Period { start: pair[0], end: pair[1] }, reference: period };
            let part = counting.fraction(stretch).unwrap();
            counted += part.numerator();
            denominators.push(part.denominator());
            sum += prorate(full, part).unwrap();
        }
        prop_assert!(denominators.iter().all(|denominator| *denominator == counted), "the parts are the whole");
        let whole = counting.fraction(Stretch::whole(period)).unwrap();
        prop_assert_eq!((whole.numerator(), whole.denominator()), (counted, counted));
        // Each line is off by half a unit at most, and so is the whole.
        let lines = i64::try_from(instants.len()).unwrap() - 1;
        prop_assert!((sum - prorate(full, whole).unwrap()).abs() <= i64::midpoint(lines, 1));
    }

    #[test]
    fn credits_never_exceed_what_was_billed(
        (counting, period) in any_period(),
        amount_minor in 0_i64..1_000_000,
        tax_minor in 0_i64..1_000_000,
        start in 0_i64..1000,
        spans in proptest::collection::vec((0_i64..1000, 0_i64..=1000, any::<bool>()), 1..12),
    ) {
        let started = within(period, start);
        let stretch = Stretch { period: Period { start: started, end: period.end }, reference: period };
        let mut line = Billed { tax_minor, ..billed("plan", amount_minor, stretch) };
        let (mut credited, mut tax) = (0, 0);
        for (from, to, ends) in spans {
            let end = if ends { Timestamp::MAX } else { within(period, to) };
            let span = Period { start: within(period, from), end };
            let first = line.credit(&counting, span).unwrap();
            if let Some(credit) = first {
                prop_assert!(credit.amount_minor >= 0 && credit.tax_minor >= 0);
                credited += credit.amount_minor;
                tax += credit.tax_minor;
                line.adjusted.push(credit.adjustment());
            }
            prop_assert_eq!(line.credit(&counting, span).unwrap(), None, "the same span again");
        }
        prop_assert!(credited <= amount_minor && tax <= tax_minor);
        prop_assert_eq!(line.creditable_minor(), amount_minor - credited);
    }

    /// Any number of changes within one period, each billed as it is made: the credits of a line stay below it, and
    /// giving back everything at the end returns what was used at most.
    #[test]
    fn changes_credit_only_what_was_billed(
        (counting, period) in any_period(),
        prices in proptest::collection::vec((1_i64..1_000_000, 0_i64..1000), 1..8),
        paid in 0_i64..2_000_000,
    ) {
        let mut lines: Vec<Billed> = Vec::new();
        for (number, (full, cut)) in prices.iter().enumerate() {
            let at = within(period, *cut);
            for line in &mut lines {
                let rest = Period { start: at, end: Timestamp::MAX };
                let credit = line.credit(&counting, rest).unwrap();
                line.adjusted.extend(credit.map(|credit| credit.adjustment()));
            }
            let stretch = Stretch { period: Period { start: at, end: period.end }, reference: period };
            let amount_minor = prorate((*full).into(), counting.fraction(stretch).unwrap()).unwrap();
            lines.push(billed(&format!("plan{number}"), amount_minor, stretch));
        }
        let left: i64 = lines.iter().map(Billed::creditable_minor).sum();
        let total_minor = lines.iter().map(|line| line.amount_minor).sum();
        let credited_minor = total_minor - left;
        let standing = InvoiceStanding { total_minor, paid_minor: paid.min(total_minor), refunded_minor: 0, credited_minor };
        let policy = TerminationPolicy::Refund;
        let ended = terminate(&counting, policy, period.start, period, &lines, standing).unwrap();
        prop_assert!(ended.amount_minor <= left);
        prop_assert!(ended.refund_minor <= standing.paid_minor);
        prop_assert_eq!(ended.refund_minor + ended.credit_minor, ended.amount_minor + ended.tax_minor);
    }
}
