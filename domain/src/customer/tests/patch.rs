//! What does a patch change of a profile, and when is one refused?

use super::*;
use crate::sealed::{BlindIndex, Sealed};

fn sealed(text: &str) -> Sealed {
    Sealed::from_ciphertext(format!("v1:customer/cus_1:{text}"))
}

fn index(text: &str) -> BlindIndex {
    BlindIndex::from_hash(text.to_owned())
}

/// A profile with an address, beside a phone number and metadata that a patch may leave or clear.
fn reachable(email: &str) -> Profile {
    Profile {
        email: Some(sealed(email)),
        email_index: Some(index(email)),
        phone: Some(sealed("phone")),
        metadata: Some(sealed("metadata")),
        company: None,
        ..profile("Ada")
    }
}

fn with_profile(profile: Profile) -> CustomerSnapshot {
    CustomerSnapshot { profile, ..snapshot("Ada") }
}

fn created_with(email: &str) -> Given {
    vec![event(CREATED, CustomerChange::CustomerCreated {}, Some(with_profile(reachable(email))))]
}

fn reported_with(email: &str) -> CustomerEvent {
    reported(&stamp("evt_1", CREATED, 0), None, Some(with_profile(reachable(email))))
}

fn set_email(email: &str) -> ProfilePatch {
    ProfilePatch { email: Patch::Set(Email { sealed: sealed(email), index: index(email) }), ..ProfilePatch::default() }
}

fn seen(given: &[CustomerEvent]) -> Seen {
    fold::<Customer>(given).seen()
}

#[test]
fn a_patch_changes_what_it_names() {
    let set_company = ProfilePatch { company: Patch::Set(sealed("company")), ..ProfilePatch::default() };
    let clear_phone = ProfilePatch { phone: Patch::Cleared, ..ProfilePatch::default() };
    let clear_absent = ProfilePatch { company: Patch::Cleared, ..ProfilePatch::default() };
    let a = || reachable("a");
    let cases = [
        ("nothing", ProfilePatch::default(), None),
        ("what was not there", clear_absent, None),
        ("a new field", set_company, Some(Profile { company: Some(sealed("company")), ..a() })),
        ("a field that goes", clear_phone, Some(Profile { phone: None, ..a() })),
        ("the address", set_email("b"), Some(reachable("b"))),
    ];
    for (what, patch, expected) in cases {
        let updated = |profile| event(NOW, CustomerChange::CustomerUpdated {}, Some(with_profile(profile)));
        // What the caller saw of other fields does not matter.
        for seen in [None, Some(Box::new(seen(&created_with("a"))))] {
            let command = CustomerCommand::Update { patch: Box::new(patch.clone()), seen };
            check(what, created_with("a"), command, Ok(expected.clone().map(updated).into_iter().collect()));
        }
    }
}

#[test]
fn a_patch_made_from_what_is_no_longer_so_is_refused() {
    let update = |patch: &ProfilePatch, seen| CustomerCommand::Update { patch: Box::new(patch.clone()), seen };
    let superseded = |what: &str| Err(Refusal::Superseded { what: what.to_owned() });
    let updated = |profile| event(NOW, CustomerChange::CustomerUpdated {}, Some(with_profile(profile)));
    let moved = [created_with("a"), vec![updated(reachable("b"))]].concat();
    let noted = Profile { metadata: Some(sealed("other")), ..reachable("a") };
    let annotated = [created_with("a"), vec![updated(noted)]].concat();
    let set_metadata = ProfilePatch { metadata: Patch::Set(sealed("more")), ..ProfilePatch::default() };
    let before = || Some(Box::new(seen(&created_with("a"))));
    check("another address", moved.clone(), update(&set_email("c"), before()), superseded("the e-mail address"));
    check("the same address", moved.clone(), update(&set_email("b"), before()), superseded("the e-mail address"));
    check("other metadata", annotated.clone(), update(&set_metadata, before()), superseded("the metadata"));
    let kept = Profile { metadata: Some(sealed("more")), ..reachable("b") };
    check("an address that is not named", moved, update(&set_metadata, before()), Ok(vec![updated(kept)]));
    let kept = Profile { metadata: Some(sealed("other")), ..reachable("c") };
    check("metadata that are not named", annotated, update(&set_email("c"), before()), Ok(vec![updated(kept)]));
}

#[test]
fn the_claimed_address_is_the_last_that_a_caller_set() {
    let updated = |profile| event(NOW, CustomerChange::CustomerUpdated {}, Some(with_profile(profile)));
    let renamed = |email: &str| updated(Profile { phone: None, ..reachable(email) });
    let cases = [
        (vec![], None),
        (created_with("a"), Some("a")),
        ([created_with("a"), vec![updated(reachable("b"))]].concat(), Some("b")),
        ([created_with("a"), vec![reported_with("b")]].concat(), Some("a")),
        ([created_with("a"), vec![reported_with("b"), renamed("b")]].concat(), Some("a")),
        ([created_with("a"), vec![reported_with("b"), updated(reachable("c"))]].concat(), Some("c")),
        (vec![reported_with("a"), renamed("a")], None),
    ];
    for (given, expected) in cases {
        let claimed = fold::<Customer>(&given).seen().claimed_email;
        assert_eq!(claimed, expected.map(index), "{given:?}");
    }
}
