//! Checks of sealed personal data and its keys.

use domain::command::Command;
use domain::customer::{CustomerCommand, Profile};
use domain::sealed::Sealed;
use sqlx::{Executor, Row as _};
use store::{ExecuteError, Ledger, Options, Request, StoreError};

use crate::bed::{Bed, customer_id, request, tenant};

async fn sealed(ledger: &Ledger, id: &str, text: &str) -> Sealed {
    ledger.keyring().sealer(&tenant(), &format!("customer/{id}")).await.unwrap().seal(text)
}

fn create_with(id: &str, name: &Sealed) -> Request {
    let profile = Profile { name: Some(name.clone()), ..Profile::default() };
    let command = CustomerCommand::Create { id: customer_id(id), profile: Box::new(profile), method: None };
    request(vec![Command::Customer(customer_id(id), command)])
}

async fn keys(ledger: &Ledger) -> i64 {
    sqlx::query("SELECT COUNT(*) FROM subject_keys").fetch_one(ledger.pool()).await.unwrap().get(0)
}

pub async fn sealed_text_is_read_until_its_key_is_erased(bed: Bed) {
    let ledger = bed.open().await;
    let (ada, bob) = (sealed(&ledger, "cus_1", "Ada").await, sealed(&ledger, "cus_2", "Bob").await);
    assert_eq!(sealed(&ledger, "cus_1", "Ada").await, ada);
    assert_eq!(keys(&ledger).await, 0);
    ledger.execute(create_with("cus_1", &ada)).await.unwrap();
    assert_eq!(keys(&ledger).await, 1);
    ledger.execute(create_with("cus_2", &bob)).await.unwrap();
    assert_eq!(keys(&ledger).await, 2);
    let other = bed.open().await;
    assert_eq!(sealed(&other, "cus_1", "Ada").await, ada);
    let texts = other.keyring().unseal_many(&tenant(), &[&bob, &ada, &bob]).await.unwrap();
    assert_eq!(texts, [Some("Bob".to_owned()), Some("Ada".to_owned()), Some("Bob".to_owned())]);

    let erase = "UPDATE subject_keys SET wrapped_key = '', erased_at = 1 WHERE subject = 'customer/cus_1'";
    ledger.pool().execute(erase).await.unwrap();
    let after = bed.open().await;
    let texts = after.keyring().unseal_many(&tenant(), &[&ada, &bob]).await.unwrap();
    assert_eq!(texts, [None, Some("Bob".to_owned())]);
    let late = sealed(&after, "cus_1", "Ada").await;
    assert_ne!(late, ada);
    assert_eq!(after.keyring().unseal(&tenant(), &late).await.unwrap(), None);
    assert_eq!(keys(&ledger).await, 2);

    let keyring = ledger.keyring();
    assert_eq!(keyring.email_index(&tenant(), " Ada@Example.com "), keyring.email_index(&tenant(), "ada@example.com"));
    assert_ne!(keyring.body_hash(&tenant(), b"a"), keyring.body_hash(&tenant(), b"b"));
    assert_eq!(keyring.body_hash(&tenant(), b"a"), other.keyring().body_hash(&tenant(), b"a"));
}

pub async fn a_key_that_lost_the_race_is_not_used(bed: Bed) {
    let (here, there) = tokio::join!(bed.open(), bed.open());
    let (ours, theirs) = (sealed(&here, "cus_1", "Ada").await, sealed(&there, "cus_1", "Ada").await);
    let on_its_way = sealed(&here, "cus_1", "Lovelace").await;
    assert_ne!(ours, theirs);
    there.execute(create_with("cus_1", &theirs)).await.unwrap();
    // The subject's key is of customer 1, whichever stream carries it.
    let lost = here.execute(create_with("cus_9", &ours)).await;
    assert!(matches!(lost, Err(ExecuteError::Contention)), "{lost:?}");
    let lost = here.execute(create_with("cus_9", &on_its_way)).await;
    assert!(matches!(lost, Err(ExecuteError::Contention)), "{lost:?}");
    let again = sealed(&here, "cus_1", "Ada").await;
    assert_eq!(again, theirs);
    here.execute(create_with("cus_9", &again)).await.unwrap();
    assert_eq!(here.keyring().unseal(&tenant(), &again).await.unwrap().as_deref(), Some("Ada"));
    assert_eq!(keys(&here).await, 1);
}

pub async fn a_ledger_is_opened_with_the_key_it_was_made_with(bed: Bed) {
    bed.open().await.shutdown().await;
    bed.open().await.shutdown().await;
    let refused = Ledger::open(&bed.url, Options::new([8; 32])).await;
    assert!(
        matches!(&refused, Err(StoreError::Configuration(reason)) if reason.starts_with("master_key")),
        "{refused:?}"
    );
}
