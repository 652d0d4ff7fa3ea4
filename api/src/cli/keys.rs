//! `daybook keys create`: prints the key alone on stdout; it is not shown again.

use clap::Subcommand;

use super::{CommandError, open, tenant_of};
use crate::auth::keys::{NewKey, create};
use crate::auth::{Scope, Scopes};
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key and print it
    Create {
        #[arg(long)]
        tenant: String,
        /// full, read, ledger:read or ledger:admin; may be repeated
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        #[arg(long)]
        premium: bool,
        /// Requests a minute, or none
        #[arg(long)]
        rate_limit: Option<String>,
    },
}

pub(super) async fn run(settings: &Settings, command: Keys) -> Result<(), CommandError> {
    let Keys::Create { tenant, scopes, premium, rate_limit } = command;
    let tenant = tenant_of(settings, &tenant)?;
    let scopes = scopes.iter().map(|word| scope(word)).collect::<Result<Vec<_>, _>>()?;
    let rate_limit = rate_limit.as_deref().map(limit).transpose()?;
    let ledger = open(settings).await?;
    let new = NewKey { tenant, scopes: Scopes::new(scopes), premium, rate_limit };
    let key = create(&ledger, &new).await?;
    ledger.shutdown().await;
    println!("{key}");
    Ok(())
}

fn scope(word: &str) -> Result<Scope, CommandError> {
    Scope::from_word(word)
        .ok_or_else(|| CommandError::Usage(format!("--scope {word}: expected full, read, ledger:read or ledger:admin")))
}

fn limit(text: &str) -> Result<u32, CommandError> {
    if text == "none" {
        return Ok(0);
    }
    text.parse().ok().filter(|limit| *limit > 0).ok_or_else(|| {
        CommandError::Usage(format!("--rate-limit {text}: expected a number of requests a minute, or none"))
    })
}
