use proptest::prelude::*;

use super::*;

#[test]
fn major_units_are_read_exactly() {
    let cases = [
        ("5000.00", Currency::USD, Ok(500_000)),
        ("97", Currency::USD, Ok(9_700)),
        ("-0.01", Currency::USD, Ok(-1)),
        ("5000.0000", Currency::USD, Ok(500_000)),
        ("100", Currency::JPY, Ok(100)),
        (
            "5000.001",
            Currency::USD,
            Err(MoneyError::TooManyDecimals { amount: "5000.001".into(), places: 2, currency: Currency::USD }),
        ),
        (
            "1.5",
            Currency::JPY,
            Err(MoneyError::TooManyDecimals { amount: "1.5".into(), places: 0, currency: Currency::JPY }),
        ),
        ("abc", Currency::USD, Err(MoneyError::NotANumber("abc".into()))),
        ("10000000000000.01", Currency::USD, Err(MoneyError::TooLarge)),
    ];
    for (text, currency, expected) in cases {
        assert_eq!(Money::from_major(text, currency).map(Money::minor), expected, "{text}");
    }
}

#[test]
fn halves_round_away_from_zero() {
    let cases = [
        (149_970, 20, Some(7_499)),
        (-149_970, 20, Some(-7_499)),
        (1, 2, Some(1)),
        (-1, 2, Some(-1)),
        (1, 3, Some(0)),
        (2, 3, Some(1)),
        (1, 0, None),
    ];
    for (numerator, denominator, expected) in cases {
        assert_eq!(round_ratio(numerator, denominator), expected, "{numerator}/{denominator}");
    }
    assert_eq!(round_half_away(Decimal::from_str("74.5").unwrap()), Some(75));
    assert_eq!(round_half_away(Decimal::from_str("-74.5").unwrap()), Some(-75));
}

#[test]
fn amounts_print_with_the_places_of_their_currency() {
    assert_eq!(Money::from_minor(500_000, Currency::USD).to_string(), "5000.00 USD");
    assert_eq!(Money::from_minor(-5, Currency::USD).to_string(), "-0.05 USD");
    assert_eq!(Money::from_minor(500, Currency::JPY).to_string(), "500 JPY");
    assert_eq!(Money::from_minor(1_500, Currency::parse("kwd").unwrap()).to_string(), "1.500 KWD");
}

#[test]
fn allocation_follows_the_largest_remainder() {
    assert_eq!(allocate(100, &[1, 1, 1]), [34, 33, 33]);
    assert_eq!(allocate(-100, &[1, 1, 1]), [-34, -33, -33]);
    assert_eq!(allocate(10, &[0, 0]), [10, 0]);
    assert_eq!(allocate(10, &[]), Vec::<i64>::new());
}

proptest! {
    #[test]
    fn allocation_sums_to_the_whole(total in -MAX_MINOR..MAX_MINOR, weights in prop::collection::vec(0_u64..1_000_000, 1..12)) {
        prop_assert_eq!(allocate(total, &weights).iter().sum::<i64>(), total);
    }

    #[test]
    fn a_major_amount_reads_back_as_itself(minor in -MAX_MINOR..=MAX_MINOR) {
        for currency in [Currency::USD, Currency::JPY, Currency::parse("KWD").unwrap()] {
            let money = Money::from_minor(minor, currency);
            prop_assert_eq!(Money::from_major(&money.to_major().to_string(), currency), Ok(money));
        }
    }

    #[test]
    fn a_share_is_within_half_a_unit(minor in -1_000_000_000_i64..1_000_000_000, part in 0_i64..2_678_400) {
        let share = Money::from_minor(minor, Currency::USD).share(part, 2_678_400).unwrap().minor();
        let exact = i128::from(minor) * i128::from(part);
        prop_assert!((i128::from(share) * 2_678_400 - exact).abs() * 2 <= 2_678_400);
    }
}
