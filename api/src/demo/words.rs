//! What the demo prints: where the server answers, and lines to paste. The keys go to files that only their owner may
//! read, and the lines read them from there, so that no secret is printed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use domain::id::TenantId;
use domain::subscription::Status;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use projections::subscriptions::find_subscription;
use store::StoreError;

use crate::app::App;
use crate::auth::keys::{NewKey, create};
use crate::auth::{Scope, Scopes};
use crate::billing::now_of;
use crate::cli::CommandError;
use crate::secrets::write_owner_only;
use crate::surfaces::coaching::TENANT;

/// Entries looked at for a subscription to show.
const LOOKED_AT: i64 = 10_000;
/// Subscriptions looked up among them.
const CANDIDATES: i64 = 200;

/// What to do about a history that was broken off. The address of a server may have a password in it, so that one is
/// not repeated.
pub fn half_made(database_url: &str) -> String {
    let begin = "the demo was stopped while it made its history, and half of it would be misleading.";
    let file = database_url.strip_prefix("sqlite://").or_else(|| database_url.strip_prefix("sqlite:"));
    match file.map(|rest| rest.split('?').next().unwrap_or_default()) {
        Some(file) => format!("{begin} Delete {file}, {file}-wal and {file}-shm, and start it again"),
        None => format!("{begin} Drop the database that DATABASE_URL names, create it empty, and start the demo again"),
    }
}

/// Makes the keys that are missing and prints the addresses and the lines.
pub async fn show(app: &App) -> Result<(), CommandError> {
    let tenant = TenantId::parse(TENANT).map_err(|error| CommandError::Usage(error.to_string()))?;
    let coaching = key(app, &tenant, "coaching.key", Scope::Full).await?;
    let ledger = key(app, &tenant, "ledger.key", Scope::LedgerAdmin).await?;
    let base = base_url(app.settings.listen);
    let subscription = match some_subscription(app, &tenant).await? {
        Some(id) => format!("/api/v1/subscriptions/{id}"),
        None => "/api/v1/webhooks/events".to_owned(),
    };
    println!("Coaching  {base}/api/v1");
    println!("Ledger    {base}/ledger/v1");
    println!("Health    {base}/health");
    println!("Metrics   {base}/metrics");
    println!("\nTry:");
    for (key, path) in [
        (&coaching, "/api/v1/customers?limit=3"),
        (&coaching, subscription.as_str()),
        (&coaching, "/api/v1/analytics/revenue?period_days=30"),
        (&coaching, "/api/v1/dunning/campaigns?status=active"),
        (&ledger, "/ledger/v1/events?after=0&limit=3"),
        (&ledger, "/ledger/v1/trial-balance"),
    ] {
        println!("{}", curl(&base, path, key));
    }
    println!("\nThree months on, with renewals, failures and recoveries:");
    println!("{}", turn_clock(app, &tenant, &base, &ledger).await?);
    Ok(())
}

fn curl(base: &str, path: &str, key: &Path) -> String {
    format!("curl -s -H \"Authorization: Bearer $(cat {})\" '{base}{path}'", quoted(key))
}

/// The line that moves the tenant's clock three months on.
async fn turn_clock(app: &App, tenant: &TenantId, base: &str, key: &Path) -> Result<String, CommandError> {
    let now = now_of(&app.ledger, tenant).await?.to_zoned(TimeZone::UTC);
    let later = now.checked_add(3.months()).unwrap_or(now).timestamp();
    let body = format!("'{{\"now\": \"{later}\"}}'");
    let line = curl(base, "/ledger/v1/sandbox/clock?wait=true", key);
    Ok(format!("{line} -H 'Content-Type: application/json' -d {body}"))
}

/// A file's name as one word of a shell, whatever is in it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

/// An address to connect to: a server that listens everywhere is reached on this machine.
fn base_url(listen: SocketAddr) -> String {
    let reachable = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) | IpAddr::V6(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    format!("http://{}", SocketAddr::new(reachable, listen.port()))
}

/// The file of a key that this ledger knows; a file of another ledger's key is replaced.
async fn key(app: &App, tenant: &TenantId, name: &str, scope: Scope) -> Result<PathBuf, CommandError> {
    let path = app.settings.data_dir.join("demo").join(name);
    let context = || format!("cannot write {}", path.display());
    if let Ok(text) = std::fs::read_to_string(&path) {
        if app.keys.recognise(text.trim()).await?.is_some_and(|known| known.tenant == *tenant) {
            return absolute(&path);
        }
        std::fs::remove_file(&path).map_err(CommandError::io(context()))?;
    }
    let new = NewKey { tenant: tenant.clone(), scopes: Scopes::new(vec![scope]), premium: false, rate_limit: None };
    let text = create(&app.ledger, &new).await?;
    write_owner_only(&path, &text).map_err(CommandError::io(context()))?;
    absolute(&path)
}

/// So that the lines work in any folder.
fn absolute(path: &Path) -> Result<PathBuf, CommandError> {
    std::fs::canonicalize(path).map_err(CommandError::io(format!("cannot find {}", path.display())))
}

/// A subscription to show: an active one that was renewed lately, else any, known to the read models yet or not.
async fn some_subscription(app: &App, tenant: &TenantId) -> Result<Option<String>, StoreError> {
    let after = (app.ledger.head().await? - LOOKED_AT).max(0);
    let mut found = None;
    for event_type in ["SubscriptionRenewed", "SubscriptionCreated", "SubscriptionReported"] {
        let page = app.ledger.read_filtered(tenant, after, CANDIDATES, Some(event_type), None).await?;
        for entry in page.entries.iter().rev() {
            let row = find_subscription(app.ledger.pool(), tenant.as_str(), &entry.aggregate_id).await?;
            if row.is_some_and(|row| row.status == Status::Active) {
                return Ok(Some(entry.aggregate_id.clone()));
            }
            found = found.or_else(|| Some(entry.aggregate_id.clone()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_can_be_pasted_whatever_the_folder_is_called() {
        let listen: SocketAddr = "0.0.0.0:8080".parse().unwrap();
        assert_eq!(
            curl(&base_url(listen), "/api/v1/customers?limit=3", Path::new("/tmp/it's here/a.key")),
            r#"curl -s -H "Authorization: Bearer $(cat '/tmp/it'\''s here/a.key')" 'http://127.0.0.1:8080/api/v1/customers?limit=3'"#
        );
        assert_eq!(base_url("192.0.2.1:80".parse().unwrap()), "http://192.0.2.1:80");
    }
}
