//! What does each command do to a subscription, in each of its statuses, and do reports converge?

mod accepted;
mod beginning;
mod machine;
mod paths;
mod reports;

use cqrs_es::test::TestFramework;

use super::*;
use crate::refusal::Refusal;
use crate::samples::issued;

pub(super) type Decision = Result<Vec<SubscriptionEvent>, Refusal>;

pub(super) fn decide(given: Vec<SubscriptionEvent>, now: &str, command: SubscriptionCommand) -> Decision {
    TestFramework::<Subscription>::with(()).given(given).when(issued(now, command)).inspect_result()
}

pub(super) fn cancel_now(cause: CancelReason) -> SubscriptionCommand {
    SubscriptionCommand::CancelNow { cause, reason: None, feedback: None }
}

pub(super) fn pause(resumes_at: Option<&str>) -> SubscriptionCommand {
    let resumes_at = resumes_at.map(crate::samples::at);
    SubscriptionCommand::Pause { resumes_at, reason: None, maintain_access: false, as_billed: AsBilled::default() }
}
