//! The projector over a real log in a throw-away SQLite file.

use std::time::Duration;

use domain::command::Command;
use domain::customer::CustomerCommand;
use domain::id::{CustomerId, TenantId};
use sqlx::Executor as _;
use store::{Clock, EventIds, Failure, Ledger, Options, Request};
use testbed::TempDir;

use crate::fold::Row;
use crate::folding_tests::{LastRow, TallyFold, TallyRow};
use crate::page::{Cursor, Direction, From, PageRequest};
use crate::projection::Projection;
use crate::projector::{Projector, Settings};
use crate::status::{State, Status, statuses};
use crate::testing::at;
use crate::{customers, query};

const MADE: &str = "CREATE TABLE tallies (customer TEXT NOT NULL PRIMARY KEY, times BIGINT NOT NULL);
    CREATE TABLE lasts (one TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL)";

struct Log {
    ledger: Ledger,
    _folder: TempDir,
}

impl Log {
    async fn open() -> Self {
        let folder = testbed::temp_dir().unwrap();
        let url = format!("sqlite://{}", folder.join("ledger.db").display());
        let clock = Clock::fixed(at("2024-01-01T00:00:00Z"));
        let ledger = Ledger::open(&url, Options { clock, ..Options::new([7; 32]) }).await.unwrap();
        ledger.pool().execute(MADE).await.unwrap();
        Self { ledger, _folder: folder }
    }

    /// Mentions customers, an event each.
    async fn mention(&self, customers: &[&str]) {
        for customer in customers {
            let id = CustomerId::parse(customer).unwrap();
            let command = CustomerCommand::Mention { id: id.clone(), at: at("2024-01-01T00:00:00Z") };
            let request = Request {
                tenant: TenantId::parse("coaching").unwrap(),
                actor: "test".to_owned(),
                request_id: None,
                cause: None,
                now: at("2024-01-01T00:00:00Z"),
                commands: vec![Command::Customer(id, command)],
                claims: vec![],
                releases: vec![],
                event_ids: EventIds::Fresh,
                idempotency: None,
                expect_new: true,
            };
            self.ledger.execute(request).await.unwrap();
        }
    }

    fn projector(&self, owner: &str, mended: bool) -> (Projector, crate::Positions) {
        let settings = Settings { batch: 3, ..Settings::new(owner) };
        Projector::new(self.ledger.clone(), projections(mended), settings)
    }

    async fn tallies(&self) -> Vec<TallyRow> {
        let statement = sqlx::query("SELECT customer, times FROM tallies ORDER BY customer");
        query::rows(self.ledger.pool(), statement).await.unwrap()
    }

    async fn stand(&self) -> Vec<(&'static str, i64, i64, State)> {
        let of = |status: Status| (status.name, status.position, status.lag, status.state);
        statuses(&self.ledger, &projections(false)).await.unwrap().into_iter().map(of).collect()
    }
}

fn projections(mended: bool) -> Vec<Projection> {
    let tally = Projection::new("tally", 1).fold(TallyFold { mended }).emits::<LastRow>();
    vec![tally, Projection::new("customers", 1).fold(customers::CustomerFold)]
}

fn once(customers: &[&str]) -> Vec<TallyRow> {
    customers.iter().map(|customer| TallyRow { customer: (*customer).to_owned(), times: 1 }).collect()
}

#[tokio::test]
async fn poison_pauses_its_projection_until_it_is_mended_and_the_others_go_on() {
    let log = Log::open().await;
    log.mention(&["cus_1", "cus_2", "cus_3", "cus_4", "cus_bad", "cus_6", "cus_7"]).await;
    let (mut projector, positions) = log.projector("one", false);
    projector.drain().await.unwrap();
    assert_eq!(log.stand().await, [("tally", 4, 3, State::Paused), ("customers", 7, 0, State::Running)]);
    assert_eq!(log.tallies().await, once(&["cus_1", "cus_2", "cus_3", "cus_4"]));
    assert!(positions.wait_for(&[], 7, Duration::ZERO).await, "a paused projection is not waited for");
    let failure = statuses(&log.ledger, &projections(false)).await.unwrap()[0].failure.clone();
    let reason = "the fold panicked: a bad customer".to_owned();
    let expected = Failure { position: 5, event_type: "CustomerMentioned".to_owned(), reason };
    assert_eq!(failure, Some(expected));

    log.mention(&["cus_8"]).await;
    log.ledger.resume_checkpoint("tally").await.unwrap();
    let (mut mended, positions) = log.projector("two", true);
    mended.drain().await.unwrap();
    assert_eq!(log.stand().await, [("tally", 8, 0, State::Running), ("customers", 8, 0, State::Running)]);
    let all = ["cus_1", "cus_2", "cus_3", "cus_4", "cus_6", "cus_7", "cus_8", "cus_bad"];
    assert_eq!(log.tallies().await, once(&all));
    assert_eq!(positions.minimum(), Some(8));
}

#[tokio::test]
async fn two_projectors_take_each_event_in_once() {
    let log = Log::open().await;
    let (mut first, _) = log.projector("one", true);
    let (mut second, positions) = log.projector("two", true);
    first.drain().await.unwrap();
    second.drain().await.unwrap();
    log.mention(&["cus_1", "cus_2"]).await;
    first.drain().await.unwrap();
    // The second still believes that both projections stand at 0; its writes must be refused.
    while second.step().await.unwrap() {}
    assert_eq!(log.tallies().await, once(&["cus_1", "cus_2"]));
    assert_eq!(positions.minimum(), Some(2));
}

#[tokio::test]
async fn a_running_projector_follows_the_log_until_it_is_told_to_stop() {
    let log = Log::open().await;
    let (projector, positions) = log.projector("one", true);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(projector.run(async move {
        drop(stopped.await);
    }));
    for customer in ["cus_1", "cus_2", "cus_3"] {
        log.mention(&[customer]).await;
        let head = log.ledger.head().await.unwrap();
        assert!(positions.wait_for(&["tally", "customers"], head, Duration::from_mins(1)).await);
    }
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(log.tallies().await, once(&["cus_1", "cus_2", "cus_3"]));
}

#[tokio::test]
async fn a_fold_of_another_version_leaves_the_rows_alone() {
    let log = Log::open().await;
    log.ledger.register_checkpoint("tally", 9).await.unwrap();
    log.mention(&["cus_1"]).await;
    let (mut projector, _) = log.projector("one", true);
    projector.drain().await.unwrap();
    assert_eq!(log.stand().await, [("tally", 0, 1, State::Outdated), ("customers", 1, 0, State::Running)]);
    assert_eq!(log.tallies().await, []);
}

#[tokio::test]
async fn every_statement_is_one_and_lists_go_both_ways_by_cursor() {
    let log = Log::open().await;
    for (name, text) in crate::statements() {
        log.ledger.pool().prepare(text).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    log.mention(&["cus_1", "cus_2", "cus_3", "cus_4", "cus_5"]).await;
    let (mut projector, _) = log.projector("one", true);
    projector.drain().await.unwrap();
    for (sort, direction) in ["created_at", "last_activity_at", "lifetime_value", "customer_id"]
        .map(|word| customers::CustomerSort::from_word(word).unwrap())
        .into_iter()
        .flat_map(|sort| [(sort, Direction::Asc), (sort, Direction::Desc)])
    {
        let list = async |request: PageRequest| {
            let filter = customers::CustomerFilter::default();
            customers::list_customers(log.ledger.pool(), "coaching", filter, (sort, direction), &request).await.unwrap()
        };
        let along =
            async |cursor: Option<Cursor>| list(PageRequest { limit: 2, from: From::Cursor(cursor.unwrap()) }).await;
        let ids = |page: &crate::Page<customers::CustomerRow>| {
            page.rows.iter().map(|row| row.customer_id.clone()).collect::<Vec<_>>()
        };
        let mut expected = ["cus_1", "cus_2", "cus_3", "cus_4", "cus_5"];
        if direction == Direction::Desc {
            expected.reverse();
        }
        let first = list(PageRequest::page(1, 2)).await;
        assert_eq!(
            (ids(&first), first.total, &first.previous),
            (expected[..2].iter().map(ToString::to_string).collect(), 5, &None)
        );
        let second = along(first.next).await;
        assert_eq!(ids(&second), expected[2..4]);
        assert_eq!(ids(&list(PageRequest::page(2, 2)).await), expected[2..4]);
        let third = along(second.next).await;
        assert_eq!((ids(&third), third.next), (vec![expected[4].to_owned()], None));
        let back = along(third.previous).await;
        assert_eq!(ids(&back), expected[2..4]);
        let front = along(back.previous).await;
        assert_eq!((ids(&front), front.previous), (expected[..2].iter().map(ToString::to_string).collect(), None));
    }
    let one = customers::find_customer(log.ledger.pool(), "coaching", "cus_3").await.unwrap().unwrap();
    assert_eq!((one.customer_id.as_str(), one.write().len()), ("cus_3", customers::CustomerRow::TABLE.columns.len()));
}
