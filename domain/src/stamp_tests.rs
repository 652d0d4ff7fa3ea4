//! Is the newest report a function of the set of reports, whatever their order and however often they come?

use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_706_745_605;

/// A report as a row: phase, seconds after the first, rank, event, digest, digest before.
type Row = (u8, i64, u8, &'static str, u64, Option<u64>);

fn stamp(phase: u8, seconds: i64, rank: u8, event: &str, digest: u64, before: Option<u64>) -> Stamp {
    let created = Timestamp::from_second(SECOND + seconds).unwrap();
    Stamp { phase, created, rank, event: event.to_owned(), digest, before }
}

fn absorb_all(rows: &[Row]) -> (Latest<String>, Vec<Absorbed>) {
    let mut latest = Latest::default();
    let absorbed = rows
        .iter()
        .map(|(phase, seconds, rank, event, digest, before)| {
            latest.absorb(stamp(*phase, *seconds, *rank, event, *digest, *before), (*event).to_owned())
        })
        .collect();
    (latest, absorbed)
}

fn permutations(rows: &[Row]) -> Vec<Vec<Row>> {
    let Some((first, rest)) = rows.split_first() else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for permutation in permutations(rest) {
        for place in 0..=permutation.len() {
            let mut longer = permutation.clone();
            longer.insert(place, *first);
            all.push(longer);
        }
    }
    all
}

#[test]
fn the_newest_report_is_the_same_in_every_order() {
    let cases: [(&str, &[Row], &str); 11] = [
        ("a later second", &[(0, 0, 9, "a", 1, None), (0, 1, 0, "b", 2, None)], "b"),
        ("a monotone phase beats a later second", &[(1, 0, 0, "paid", 1, None), (0, 60, 9, "late", 2, None)], "paid"),
        ("a tie goes to the higher rank", &[(0, 0, 2, "a", 1, None), (0, 0, 1, "b", 2, None)], "a"),
        ("then to the higher event id", &[(0, 0, 1, "a", 1, None), (0, 0, 1, "b", 2, None)], "b"),
        ("a chain beats event ids", &[(0, 0, 0, "z", 1, None), (0, 0, 0, "a", 2, Some(1))], "a"),
        ("a chain beats ranks", &[(0, 0, 5, "z", 1, None), (0, 0, 1, "a", 2, Some(1))], "a"),
        (
            "a long chain",
            &[
                (0, 0, 0, "d", 1, None),
                (0, 0, 1, "b", 2, Some(1)),
                (0, 0, 1, "c", 3, Some(2)),
                (0, 0, 1, "a", 4, Some(3)),
            ],
            "a",
        ),
        (
            "a change and its reversal",
            &[(0, 0, 0, "c", 1, None), (0, 0, 1, "b", 2, Some(1)), (0, 0, 1, "a", 1, Some(2))],
            "a",
        ),
        ("a reversal without its beginning", &[(0, 0, 1, "a", 2, Some(1)), (0, 0, 1, "b", 1, Some(2))], "b"),
        (
            "a change after a twin of the change before it",
            &[
                (0, 0, 0, "created", 1, None),
                (0, 0, 1, "updated", 2, Some(1)),
                (0, 0, 2, "finalized", 2, None),
                (0, 0, 1, "again", 3, Some(2)),
            ],
            "again",
        ),
        (
            "a fork goes to the higher event id",
            &[(0, 0, 0, "a", 1, None), (0, 0, 1, "b", 2, Some(1)), (0, 0, 1, "c", 3, Some(1))],
            "c",
        ),
    ];
    for (what, rows, expected) in cases {
        let (state, _) = absorb_all(rows);
        for order in permutations(rows) {
            let twice: Vec<Row> = order.iter().chain(order.iter().rev()).copied().collect();
            let (latest, _) = absorb_all(&twice);
            assert_eq!(latest.current().map(String::as_str), Some(expected), "{what}: {order:?}");
            assert_eq!(latest.stamp().map(|stamp| stamp.event.as_str()), Some(expected), "{what}: {order:?}");
            assert_eq!(latest, state, "{what}: {order:?}");
        }
    }
}

#[test]
fn each_report_says_what_it_changed() {
    use Absorbed::{Changed, Repeated, Superseded};
    let (_, absorbed) = absorb_all(&[
        (0, 1, 1, "b", 2, None),
        (0, 1, 1, "b", 2, None),
        (0, 0, 9, "older", 1, None),
        (0, 1, 0, "lower", 3, None),
        (0, 1, 0, "follower", 4, Some(2)),
        (0, 2, 0, "newer", 5, None),
        (0, 1, 1, "b", 2, None),
    ]);
    assert_eq!(absorbed, [Changed, Repeated, Superseded, Superseded, Changed, Changed, Superseded]);
}

#[test]
fn nothing_is_known_before_the_first_report() {
    let latest = Latest::<String>::default();
    assert!(latest.is_empty());
    assert_eq!((latest.current(), latest.stamp()), (None, None));
}

/// Reports of few seconds, phases, ranks and digests, so that ties, chains, forks and circles abound.
fn reports(count: usize) -> impl Strategy<Value = Vec<Stamp>> {
    let one = (0_u8..3, 0_i64..2, 0_u8..3, 0_u64..6, prop::option::of(0_u64..6));
    prop::collection::vec(one, 1..count).prop_map(|rows| {
        let numbered = rows.into_iter().enumerate();
        numbered
            .map(|(index, (phase, seconds, rank, digest, before))| {
                stamp(phase / 2, seconds, rank, &format!("evt_{:02}", (index * 37) % 101), digest, before)
            })
            .collect()
    })
}

fn absorbed(stamps: &[Stamp]) -> Latest<String> {
    let mut latest = Latest::default();
    for stamp in stamps {
        latest.absorb(stamp.clone(), stamp.event.clone());
    }
    latest
}

fn with_order(stamps: Vec<Stamp>) -> impl Strategy<Value = (Vec<Stamp>, Vec<Stamp>)> {
    let thrice: Vec<Stamp> = stamps.iter().chain(&stamps).chain(&stamps).cloned().collect();
    (Just(stamps), Just(thrice).prop_shuffle())
}

proptest! {
    #[test]
    fn any_order_and_number_of_reports_ends_the_same((once, shuffled) in reports(12).prop_flat_map(with_order)) {
        prop_assert_eq!(absorbed(&shuffled), absorbed(&once));
    }

    #[test]
    fn more_ties_than_are_kept_end_the_same((once, shuffled) in reports(100).prop_flat_map(with_order)) {
        let latest = absorbed(&shuffled);
        prop_assert!(latest.ties.len() <= MAX_TIES);
        prop_assert_eq!(latest, absorbed(&once));
    }

    #[test]
    fn the_last_of_a_chain_of_changes_is_the_newest(
        (length, ids) in (2..20_usize).prop_flat_map(|length| {
            (Just(length), Just((0..length).collect::<Vec<_>>()).prop_shuffle())
        }),
        ranks in prop::collection::vec(0_u8..4, 20),
        order in Just((0..20_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let chain: Vec<Stamp> = (0..length)
            .map(|step| {
                let before = (step as u64).checked_sub(1);
                stamp(0, 0, ranks[step], &format!("evt_{:02}", ids[step]), step as u64, before)
            })
            .collect();
        let arrived: Vec<Stamp> = order.into_iter().filter_map(|step| chain.get(step).cloned()).collect();
        let latest = absorbed(&arrived);
        prop_assert_eq!(latest.stamp(), chain.last());
    }
}
