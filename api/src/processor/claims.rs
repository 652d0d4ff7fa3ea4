//! Which names a call takes before it is made: an e-mail address, and the number of a coupon's redemption. They are the
//! call's until its answer, then what it made has them, or nobody.

use domain::id::ProcessorCallId;
use domain::processor_call::{Answer, Asked, AskedSubscription};
use store::Claim;

use super::due::Due;
use crate::operations::email_claim;

/// Names that must be free for the call to be made.
pub(crate) fn taken_by(call: &ProcessorCallId, asked: &Asked) -> Vec<Claim> {
    let holder = format!("processor_call/{call}");
    names(asked).into_iter().map(|claim| Claim { holder: holder.clone(), ..claim }).collect()
}

/// What is taken and what is given back with the answer.
pub(super) fn after(due: &Due, answer: &Answer) -> (Vec<Claim>, Vec<Claim>) {
    let mut released = taken_by(&due.call, &due.asked);
    match (answer, &due.asked) {
        (Answer::Succeeded { object }, Asked::CreateCustomer { .. }) => (held_by(object, &due.asked), released),
        (Answer::Succeeded { .. }, Asked::UpdateCustomer { customer, former_emails, .. }) => {
            let taken = held_by(customer.as_str(), &due.asked);
            if !taken.is_empty() {
                released.extend(former_emails.iter().map(|index| email_claim(index, customer.as_str())));
            }
            (taken, released)
        }
        // A redemption stays with the call that made it.
        (Answer::Succeeded { .. }, _) => (Vec::new(), Vec::new()),
        (Answer::Declined { .. } | Answer::Refused { .. }, _) => (Vec::new(), released),
    }
}

fn held_by(customer: &str, asked: &Asked) -> Vec<Claim> {
    names(asked).into_iter().map(|claim| Claim { holder: format!("customer/{customer}"), ..claim }).collect()
}

fn names(asked: &Asked) -> Vec<Claim> {
    match asked {
        Asked::CreateCustomer { profile, .. } => {
            profile.email_index.iter().map(|index| email_claim(index, "")).collect()
        }
        Asked::UpdateCustomer { set, former_emails, .. } => {
            let new = set.email_index.iter().filter(|index| !former_emails.contains(index));
            new.map(|index| email_claim(index, "")).collect()
        }
        Asked::CreateSubscription(new) => redemption(new).into_iter().collect(),
        Asked::AttachPaymentMethod { .. }
        | Asked::DetachPaymentMethod { .. }
        | Asked::ChangeSubscription { .. }
        | Asked::ReactivateSubscription { .. }
        | Asked::PauseCollection { .. }
        | Asked::ResumeCollection { .. }
        | Asked::ResumeSubscription { .. }
        | Asked::CancelSubscription { .. }
        | Asked::RefundPayment { .. }
        | Asked::PayInvoice { .. }
        | Asked::SettleInvoice { .. }
        | Asked::VoidInvoice { .. } => Vec::new(),
    }
}

fn redemption(new: &AskedSubscription) -> Option<Claim> {
    let (coupon, number) = (new.coupon.as_ref()?, new.redemption.as_ref()?);
    Some(Claim { kind: format!("coupon:{}", coupon.code), name: number.clone(), holder: String::new() })
}
