//! The server dies between Stripe's doing and our knowing, requests meet, and Stripe is away for a while.

use futures::future::join_all;
use serde_json::json;

use super::{Bed, set_up, settings, until};
use crate::stripe::fake::{FakeStripe, Fault};
use crate::support::{TestApp, on_both_engines};

/// Answers that do not come are waited for longer than the test takes.
const STUBBORN: [(&str, &str); 2] =
    [("DAYBOOK_TENANTS_COACHING_STRIPE_TIMEOUT_S", "300"), ("DAYBOOK_TENANTS_COACHING_STRIPE_PATIENCE_S", "300")];
const IMPATIENT: [(&str, &str); 1] = [("DAYBOOK_TENANTS_COACHING_STRIPE_PATIENCE_S", "1")];
/// When the lease of the server that died is over.
const LATER: &str = "2024-01-15T10:31:00Z";
/// When Stripe has forgotten its keys.
const MUCH_LATER: &str = "2024-01-17T10:30:00Z";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Refund,
    Pay,
    Register,
    Subscribe,
}

const DEEDS: [Deed; 4] = [Deed::Refund, Deed::Pay, Deed::Register, Deed::Subscribe];

impl Deed {
    async fn prepare(self, bed: &Bed) -> (String, String) {
        match self {
            Self::Refund => (bed.payment("crash").await, "POST /v1/refunds".to_owned()),
            Self::Pay => {
                let invoice = bed.invoice("crash", "pm_card_visa").await;
                let request = format!("POST /v1/invoices/{invoice}/pay");
                (invoice, request)
            }
            Self::Register => ("crash".to_owned(), "POST /v1/customers".to_owned()),
            Self::Subscribe => {
                set_up(&bed.fake).await;
                (bed.payer("crash").await, "POST /v1/subscriptions".to_owned())
            }
        }
    }

    async fn ask(self, bed: &Bed, of: &str) -> u16 {
        match self {
            Self::Refund => bed.refund(of).await.status.as_u16(),
            Self::Pay => bed.pay(of).await.status.as_u16(),
            Self::Register => bed.register(of).await.status.as_u16(),
            Self::Subscribe => bed.subscribe(of, json!({})).await.status.as_u16(),
        }
    }

    fn success(self) -> u16 {
        match self {
            Self::Refund | Self::Pay => 200,
            Self::Register | Self::Subscribe => 201,
        }
    }

    fn done(self, fake: &FakeStripe) -> usize {
        match self {
            Self::Refund => fake.refunds().len(),
            Self::Pay => fake.charges().len(),
            Self::Register => fake.count("customer"),
            Self::Subscribe => fake.count("subscription").max(fake.charges().len()),
        }
    }

    async fn assert_known(self, bed: &Bed, of: &str) {
        bed.app.settle().await;
        match self {
            Self::Refund => assert_eq!(bed.refunded(of).await, ("500.0".to_owned(), 1)),
            Self::Pay => assert_eq!(bed.standing(of).await, ("paid".to_owned(), "500.0".to_owned(), 1)),
            Self::Register => {
                let id = bed.fake.newest("customer", "email", "crash@example.com");
                let known = bed.app.get(&format!("/api/v1/customers/{id}")).await.json();
                assert_eq!(known["email"], "crash@example.com", "{known:#}");
            }
            Self::Subscribe => {
                let id = bed.fake.newest("subscription", "customer", of);
                let known = bed.app.get(&format!("/api/v1/subscriptions/{id}")).await.json();
                assert_eq!((&known["status"], &known["latest_invoice"]["status"]), (&json!("active"), &json!("paid")));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_between_call_and_record_finds_out_on_start() {
    for (deed, later) in DEEDS.into_iter().flat_map(|deed| [(deed, LATER), (deed, MUCH_LATER)]) {
        on_both_engines(|url| async move {
            let bed = Bed::start(&url, &STUBBORN).await;
            let (of, request) = deed.prepare(&bed).await;
            bed.fake.fail_next(&request, Fault::AnswerTooLate);
            tokio::select! {
                status = deed.ask(&bed, &of) => panic!("answered {status}"),
                () = until(|| deed.done(&bed.fake) == 1) => {}
            }
            let Bed { fake, app } = bed;
            app.kill();
            if later == MUCH_LATER {
                fake.forget_keys();
            }
            let app = TestApp::start_at(&url, &settings(&fake, &STUBBORN), later).await;
            let bed = Bed { fake, app };
            assert_eq!(deed.ask(&bed, &of).await, deed.success(), "{deed:?} {later}");
            assert_eq!(deed.done(&bed.fake), 1, "{deed:?} {later}");
            deed.assert_known(&bed, &of).await;
            bed.app.stop().await;
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_several_times_at_once_is_one() {
    for deed in DEEDS {
        on_both_engines(|url| async move {
            let bed = Bed::start(&url, &STUBBORN).await;
            let (of, _) = deed.prepare(&bed).await;
            let answers = join_all((0..8).map(|_| deed.ask(&bed, &of))).await;
            assert_eq!(answers, [deed.success(); 8], "{deed:?}");
            assert_eq!(deed.done(&bed.fake), 1, "{deed:?}");
            deed.assert_known(&bed, &of).await;
            bed.app.stop().await;
        })
        .await;
    }
}

/// Different requests for the same thing: Stripe does the first and refuses the others, and nobody pays twice.
#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_two_ask_to_pay_is_charged_once() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &STUBBORN).await;
        let invoice = bed.invoice("twice", "pm_card_visa").await;
        let path = format!("/api/v1/invoices/{invoice}/pay");
        let body = serde_json::json!({});
        let ask = |key: &'static str| bed.ask(reqwest::Method::POST, &path, &body, key);
        let answers = tokio::join!(ask("one"), ask("other"));
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200, "{statuses:?}");
        assert!((400..500).contains(&statuses[1]), "{statuses:?}");
        assert_eq!(bed.fake.charges().len(), 1);
        bed.app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customers_unknown_outcome_keeps_nobody_else_waiting() {
    on_both_engines(|url| async move {
        let bed = Bed::start(&url, &IMPATIENT).await;
        let (stuck, free) = (bed.payment("stuck").await, bed.payment("free").await);
        // Nothing is done, and Stripe does not say so: each round ends after one try.
        for _ in 0..2 {
            bed.fake.fail_next("POST /v1/refunds", Fault::FailsForGood);
        }
        let waiting = bed.refund(&stuck);
        let others = async {
            until(|| bed.fake.calls().iter().any(|call| call.request == "GET /v1/refunds")).await;
            // The second fault is for whoever asks next, and is made good by the dispatcher itself.
            bed.refund(&free).await
        };
        let (first, other) = tokio::join!(waiting, others);
        assert_eq!(first.status, 503, "{}", first.text);
        assert!(first.headers.contains_key("retry-after"), "{:?}", first.headers);
        assert!([200, 503].contains(&other.status.as_u16()), "{}", other.text);
        // It goes on in the background; whoever asks again is told.
        for payment in [&stuck, &free] {
            let mut status = 503;
            while status == 503 {
                status = bed.refund(payment).await.status.as_u16();
            }
            assert_eq!((status, bed.refunds_of(payment)), (200, 1));
        }
        bed.app.stop().await;
    })
    .await;
}
