//! Is the journal right? hledger reads it as text and checks it; its balances are the ones we answer with, and the open
//! invoices are what stands on the receivables.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use api::app::App;
use domain::id::TenantId;
use domain::money::{Currency, Money};
use jiff::tz::TimeZone;
use projections::journal::{Asked, accounts_at, hledger_text};
use sqlx::Row as _;

/// Proves a tenant's journal.
pub async fn prove(app: &App, tenant: &TenantId) {
    let text = hledger_text(app.ledger.pool(), tenant.as_str(), i64::MAX, &TimeZone::UTC).await.expect("the journal");
    assert!(text.len() > 10_000, "the journal of {tenant} has only {} bytes", text.len());
    hledger(&text, &["check"]);
    let theirs = balances(&hledger(&text, &["balance", "--flat", "--no-total", "-O", "csv"]));
    let asked = Asked { as_of: None, until: None, earned_before: 0 };
    let ours = accounts_at(app.ledger.pool(), tenant.as_str(), asked).await.expect("balances");
    let mut expected: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (currency, account, balance) in ours.iter() {
        let key = (account.number().to_string(), currency.code().to_owned());
        *expected.entry(key).or_default() += balance.posted_minor();
    }
    expected.retain(|_, minor| *minor != 0);
    assert_eq!(theirs, expected, "{tenant}");
    assert_eq!(expected.values().sum::<i64>(), 0, "the trial balance of {tenant}");
    let open = open_invoices(app, tenant).await;
    let receivable: i64 = expected.iter().filter(|((account, _), _)| account == "1100").map(|(_, minor)| minor).sum();
    assert_eq!(receivable, open, "open invoices of {tenant}");
}

/// What hledger says.
fn hledger(text: &str, arguments: &[&str]) -> String {
    let mut child = Command::new("hledger")
        .args(["-f", "-"])
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("hledger, which scripts/install-hledger installs");
    let mut input = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).expect("hledger reads"));
    let output = child.wait_with_output().expect("hledger ends");
    writer.join().expect("the writer ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// `"1010 PSP clearing","5.00 USD"` by account number and currency, in minor units; sub-accounts are added up.
fn balances(csv: &str) -> BTreeMap<(String, String), i64> {
    let mut sums = BTreeMap::new();
    for line in csv.lines().skip(1) {
        let (account, amounts) = line.split_once("\",\"").expect("two columns");
        let number = account.trim_start_matches('"').split(' ').next().expect("a number").to_owned();
        for amount in amounts.trim_end_matches('"').split(", ") {
            let (figure, code) = amount.rsplit_once(' ').unwrap_or((amount, ""));
            if code.is_empty() {
                continue;
            }
            let currency = Currency::parse(code).expect("a currency");
            let minor = Money::from_major(&figure.replace(',', ""), currency).expect("an amount").minor();
            *sums.entry((number.clone(), code.to_owned())).or_default() += minor;
        }
    }
    sums.retain(|_, minor| *minor != 0);
    sums
}

async fn open_invoices(app: &App, tenant: &TenantId) -> i64 {
    let query = "SELECT CAST(COALESCE(SUM(amount_remaining_minor), 0) AS BIGINT) FROM invoices \
                 WHERE tenant = $1 AND status = 'open'";
    let row = sqlx::query(query).bind(tenant.as_str()).fetch_one(app.ledger.pool()).await.expect("a row");
    row.try_get(0).expect("a sum")
}
