use std::cell::RefCell;
use std::collections::VecDeque;

use reqwest::header::{HeaderMap, HeaderValue};
use tokio::time::Instant;

use super::*;
use crate::stripe::client::trouble::Answer;

fn timing() -> Timing {
    Timing { first_wait: Duration::from_secs(1), longest_wait: Duration::from_secs(4), ..Timing::default() }
}

fn status(status: u16, retry_after: Option<&'static str>) -> Trouble {
    let mut headers = HeaderMap::new();
    if let Some(seconds) = retry_after {
        headers.insert("retry-after", HeaderValue::from_static(seconds));
    }
    Trouble::Answered(Box::new(Answer::read(status, &headers, b"")))
}

fn lost() -> Trouble {
    Trouble::NoAnswer("lost".to_owned())
}

/// Runs through what comes, then succeeds. Gives how it ended and how many seconds were waited.
async fn run(timing: &Timing, troubles: Vec<Trouble>) -> (Ended<&'static str>, Duration) {
    let coming = RefCell::new(VecDeque::from(troubles));
    let started = Instant::now();
    let ended = with_retries(timing, "POST /v1/refunds", || {
        let next = coming.borrow_mut().pop_front();
        async { next.map_or(Ok("done"), Err) }
    })
    .await;
    (ended, started.elapsed())
}

/// The clock is tokio's and stands still but for waits.
#[tokio::test(start_paused = true)]
async fn waits_double_with_jitter_and_follow_what_stripe_asks_for() {
    let refused = || Trouble::NotSent("refused".to_owned());
    let cases = [
        (vec![], true, 1, false, 0..=0),
        (vec![lost()], true, 2, true, 1..=2),
        (vec![refused()], true, 2, false, 1..=2),
        (vec![refused(), lost(), refused()], true, 4, true, 7..=14),
        (vec![lost(), lost(), lost(), lost()], false, 4, true, 7..=14),
        (vec![status(402, None)], false, 1, false, 0..=0),
        (vec![lost(), status(402, None)], false, 2, true, 1..=2),
        (vec![status(429, Some("20"))], true, 2, false, 20..=20),
        (vec![status(503, Some("0"))], true, 2, true, 1..=2),
        (vec![status(429, Some("31"))], false, 1, false, 0..=0),
        (vec![status(400, Some("1"))], false, 1, false, 0..=0),
    ];
    for (troubles, succeeds, tries, is_open, seconds) in cases {
        let case = format!("{troubles:?}");
        let (ended, waited) = run(&timing(), troubles).await;
        assert_eq!((ended.outcome.is_ok(), ended.tries, ended.is_open), (succeeds, tries, is_open), "{case}");
        let (least, most) = (Duration::from_secs(*seconds.start()), Duration::from_secs(*seconds.end()));
        assert!(waited >= least && waited <= most + Duration::from_millis(50), "{case}: waited {waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_try_is_one_try() {
    let (ended, waited) = run(&Timing { max_tries: 1, ..timing() }, vec![lost()]).await;
    assert_eq!((ended.outcome, ended.tries), (Err(lost()), 1));
    assert_eq!(waited, Duration::ZERO);
}
