//! Is a stream's past what it was, and is a question about no past at all answered as such?

use domain::customer::Customer;
use replay::{Moment, Stream, as_of};
use store::AsOf;

use super::bed::{advance, at, open, tenant};
use super::history;
use crate::support::on_both_engines;

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_folded_up_to_the_moment() {
    on_both_engines(|url| async move {
        let (ledger, clock) = open(&url).await;
        history::append(&ledger, 0..2).await;
        let first_half = ledger.head().await.unwrap();
        advance(&clock, 3_600);
        history::append(&ledger, 2..4).await;
        let head = ledger.head().await.unwrap();
        for name in [
            "customer/cus_0",
            "subscription/sub_0",
            "invoice/in_0",
            "payment/pay_0",
            "dunning/dun_0",
            "stripe_event/evt_0",
        ] {
            let stream = Stream::parse(name, Some("coaching")).unwrap();
            let (kind, id) = name.split_once('/').unwrap();
            let entries = ledger.read_stream(&tenant(), kind, id, 0, 100).await.unwrap();
            for (before, entry) in entries.iter().enumerate() {
                let now = as_of(&ledger, &stream, Moment::Position(entry.position)).await.unwrap();
                assert_eq!((now.stream, now.sequence), (format!("coaching/{name}"), entry.sequence));
                let earlier = as_of(&ledger, &stream, Moment::Position(entry.position - 1)).await;
                assert_eq!(earlier.is_ok_and(|state| state.sequence == entry.sequence - 1), before > 0, "{name}");
            }
        }
        let stream = Stream::parse("coaching/customer/cus_0", None).unwrap();
        let state = as_of(&ledger, &stream, Moment::Position(head)).await.unwrap().state;
        let loaded = ledger.load_at::<Customer>(&tenant(), "cus_0", AsOf::Position(head)).await.unwrap();
        assert_eq!(state, serde_json::to_value(loaded.state.as_ref()).unwrap());

        let late = Stream::parse("coaching/customer/cus_2", None).unwrap();
        let half_past = Moment::RecordedAt(at("2024-03-01T12:30:00Z"));
        let cases = [
            (&late, half_past, "begins later, at position"),
            (&late, Moment::Position(first_half), "begins later, at position"),
            (&late, Moment::Position(head + 1), "is beyond the head of the ledger"),
            (&Stream::parse("coaching/invoice/in_9", None).unwrap(), Moment::Position(head), "there is no stream"),
            (&Stream::parse("other/customer/cus_0", None).unwrap(), half_past, "there is no stream other/customer"),
        ];
        for (stream, moment, hint) in cases {
            let error = as_of(&ledger, stream, moment).await.unwrap_err().to_string();
            assert!(error.contains(hint), "{stream} {moment:?}: {error}");
        }
        assert!(as_of(&ledger, &late, Moment::RecordedAt(at("2024-03-01T13:30:00Z"))).await.is_ok());
        assert!(as_of(&ledger, &stream, half_past).await.is_ok());
        ledger.shutdown().await;
    })
    .await;
}
