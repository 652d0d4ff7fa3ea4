//! `/metrics`: who gets the figures of all tenants, and how often are they read?

use std::sync::atomic::Ordering;

use store::Clock;

use crate::support::app::Answer;
use crate::support::{TestApp, on_both_engines};

const TOKEN: &str = "the token of the scraper";

async fn metrics(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    app.raw(|client, base| {
        headers
            .iter()
            .fold(client.get(format!("{base}/metrics")), |request, (name, value)| request.header(*name, *value))
    })
    .await
}

fn received(answer: &Answer) -> &str {
    answer.text.lines().find(|line| line.starts_with("daybook_webhooks_received_total")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_they_are_for_this_machine() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        assert_eq!(metrics(&app, &[]).await.status, 200);
        let forwarded = metrics(&app, &[("x-forwarded-for", "192.0.2.1")]).await;
        assert_eq!(forwarded.status, 403, "{}", forwarded.text);
        assert!(forwarded.text.contains("metrics_token"), "{}", forwarded.text);
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_they_are_for_whoever_has_it() {
    on_both_engines(|url| async move {
        let app = TestApp::start_with(&url, &[("DAYBOOK_METRICS_TOKEN", TOKEN)]).await;
        let (bearer, key) = (format!("Bearer {TOKEN}"), format!("Bearer {}", app.key));
        let cases: [(&[(&str, &str)], u16); 4] = [
            (&[], 401),
            (&[("authorization", &key)], 401),
            (&[("authorization", &bearer)], 200),
            (&[("authorization", &bearer), ("x-forwarded-for", "192.0.2.1")], 200),
        ];
        for (headers, expected) in cases {
            let answer = metrics(&app, headers).await;
            assert_eq!(answer.status.as_u16(), expected, "{headers:?}: {}", answer.text);
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scrapes_within_a_few_seconds_share_one_reading() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        assert_eq!(received(&metrics(&app, &[]).await), "daybook_webhooks_received_total 0");
        let body = "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"any\",\"data\":{\"object\":{}}}";
        assert_eq!(app.deliver(body.as_bytes()).await.status, 200);
        let Clock::Fixed(micros) = app.app.ledger.clock() else { unreachable!("the clock is fixed") };
        for (seconds, expected) in [(4, 0), (1, 1)] {
            micros.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
            let found = metrics(&app, &[]).await;
            assert_eq!(received(&found), format!("daybook_webhooks_received_total {expected}"), "{seconds}");
        }
        app.stop().await;
    })
    .await;
}
