//! Does the ledger keep its rules (architecture.md §2) on both engines? Every check runs on SQLite and on PostgreSQL.

#[cfg(test)]
mod append;
#[cfg(test)]
mod bed;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod verify;

use std::future::Future;
use std::pin::Pin;

use bed::Bed;

type Check = fn(Bed) -> Pin<Box<dyn Future<Output = ()>>>;

const CHECKS: &[(&str, Check)] = &[
    ("what is appended is read back", |bed| Box::pin(append::what_is_appended_is_read_back(bed))),
    ("commands of one request see each other and happen together", |bed| {
        Box::pin(append::commands_of_one_request_see_each_other_and_happen_together(bed))
    }),
    ("an idempotency key gives the first result again", |bed| {
        Box::pin(append::an_idempotency_key_gives_the_first_result_again(bed))
    }),
    ("derived ids are written once", |bed| Box::pin(append::derived_ids_are_written_once(bed))),
    ("a claimed name is taken until it is released", |bed| {
        Box::pin(append::a_claimed_name_is_taken_until_it_is_released(bed))
    }),
    ("refusals are recorded and change nothing", |bed| Box::pin(append::refusals_are_recorded_and_change_nothing(bed))),
    ("a wrong belief in a new stream costs nothing", |bed| {
        Box::pin(append::a_wrong_belief_in_a_new_stream_costs_nothing(bed))
    }),
    ("what cannot be stored is refused", |bed| Box::pin(append::what_cannot_be_stored_is_refused(bed))),
    ("pages of one tenant go on where they say", |bed| Box::pin(append::pages_of_one_tenant_go_on_where_they_say(bed))),
    ("cqrs runs on the ledger", |bed| Box::pin(append::cqrs_runs_on_the_ledger(bed))),
    ("writers of one stream all succeed", |bed| Box::pin(concurrency::writers_of_one_stream_all_succeed(bed))),
    ("two ledgers on one database do not believe old states", |bed| {
        Box::pin(concurrency::two_ledgers_on_one_database_do_not_believe_old_states(bed))
    }),
    ("a stream that is only looked at is looked at again", |bed| {
        Box::pin(concurrency::a_stream_that_is_only_looked_at_is_looked_at_again(bed))
    }),
    ("a plan holds while all it was made on stands", |bed| {
        Box::pin(concurrency::a_plan_holds_while_all_it_was_made_on_stands(bed))
    }),
    ("invoice numbers have no gaps", |bed| Box::pin(concurrency::invoice_numbers_have_no_gaps(bed))),
    ("text that looks like a placeholder stays text", |bed| {
        Box::pin(concurrency::text_that_looks_like_a_placeholder_stays_text(bed))
    }),
    ("shutdown refuses what comes later", |bed| Box::pin(concurrency::shutdown_refuses_what_comes_later(bed))),
    ("rows are replaced deleted and found by key", |bed| {
        Box::pin(rows::rows_are_replaced_deleted_and_found_by_key(bed))
    }),
    ("a checkpoint moves once", |bed| Box::pin(rows::a_checkpoint_moves_once(bed))),
    ("checkpoints pause resume and are leased", |bed| Box::pin(rows::checkpoints_pause_resume_and_are_leased(bed))),
    ("side tables take the place of live ones", |bed| Box::pin(rows::side_tables_take_the_place_of_live_ones(bed))),
    ("sealed text is read until its key is erased", |bed| {
        Box::pin(sealing::sealed_text_is_read_until_its_key_is_erased(bed))
    }),
    ("a key that lost the race is not used", |bed| Box::pin(sealing::a_key_that_lost_the_race_is_not_used(bed))),
    ("a ledger is opened with the key it was made with", |bed| {
        Box::pin(sealing::a_ledger_is_opened_with_the_key_it_was_made_with(bed))
    }),
    ("the database refuses to change events", |bed| Box::pin(verify::the_database_refuses_to_change_events(bed))),
    ("a changed entry is found", |bed| Box::pin(verify::a_changed_entry_is_found(bed))),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_check_holds_on_sqlite() {
    let folder = testbed::temp_dir().unwrap();
    for (index, (name, check)) in CHECKS.iter().enumerate() {
        println!("{name}");
        let file = folder.join(&format!("made/{index}.db"));
        check(Bed::new(format!("sqlite://{}", file.display()))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_check_holds_on_postgres() {
    let cluster = testbed::Cluster::start().unwrap();
    for (index, (name, check)) in CHECKS.iter().enumerate() {
        println!("{name}");
        check(Bed::new(cluster.create_database(&format!("check_{index}")).unwrap())).await;
    }
}
