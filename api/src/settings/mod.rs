//! What the binary is told: `daybook.toml`, overridden by the environment. The only place that reads the environment.
//! A wrong setting is refused at start by its name, with what was expected.

mod raw;
mod stripe;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::catalogue::Processor;
use domain::id::TenantId;
use serde::Deserialize;

pub use self::stripe::{StripeAccount, StripeSecretKey};

use self::raw::{Checked, Raw};
use crate::operations;
use crate::secrets::{Secrets, existing_master_key};

/// The tenants of the default configuration: the four businesses whose documents the ledger was made from.
pub const SEED_TENANTS: [&str; 4] = ["coaching", "education", "healthcare", "skincare"];

/// The file in the working directory.
const FILE: &str = "daybook.toml";

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("setting {name}: {expected}")]
    Wrong { name: String, expected: String },
    #[error("settings cannot be read: {0}")]
    Unreadable(String),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    pub database_url: String,
    pub data_dir: PathBuf,
    pub secrets: Secrets,
    pub webhook_tolerance_s: u64,
    /// Whoever has it may read the metrics; without one they are for this machine.
    pub metrics_token: Option<String>,
    pub log_format: LogFormat,
    pub tenants: BTreeMap<TenantId, TenantSettings>,
}

/// What it takes to look at a ledger that is there.
#[derive(Clone)]
pub struct LedgerSettings {
    pub database_url: String,
    pub master_key: [u8; 32],
    pub log_format: LogFormat,
}

#[derive(Debug, Clone)]
pub struct TenantSettings {
    /// Several during a rotation; any may match.
    pub stripe_webhook_secrets: Vec<String>,
    /// Who bills (decision B2).
    pub processor: Processor,
    /// There where the processor is Stripe; it may be there before, to set the account up.
    pub stripe: Option<StripeAccount>,
}

impl TenantSettings {
    /// By whom an operation has things done.
    pub fn drives(&self) -> operations::Processor {
        match (self.processor, &self.stripe) {
            (Processor::Stripe, Some(account)) => operations::Processor::Stripe { patience: account.patience },
            (Processor::Stripe | Processor::Sandbox, _) => operations::Processor::Sandbox,
        }
    }
}

impl Settings {
    /// Reads `daybook.toml` in the working directory, where there is one, and the environment.
    pub fn load() -> Result<Self, SettingsError> {
        Self::from_sources(Path::new(FILE), &environment())
    }

    /// Reads a given file, if it exists, and given variables over it.
    pub fn from_sources(file: &Path, variables: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        Self::check(Raw::read(file, variables)?)
    }

    pub fn tenant(&self, tenant: &TenantId) -> Option<&TenantSettings> {
        self.tenants.get(tenant)
    }

    fn check(raw: Raw) -> Result<Self, SettingsError> {
        let Checked { listen, webhook_tolerance_s, mut tenants } = raw.check()?;
        let has_webhook_secrets = tenants.values().all(|tenant| !tenant.stripe_webhook_secrets.is_empty());
        let (master_key, jwt_secret) = (raw.master_key.as_deref(), raw.jwt_secret.as_deref());
        let secrets = Secrets::resolve(&raw.data_dir, master_key, jwt_secret, has_webhook_secrets)?;
        for tenant in tenants.values_mut().filter(|tenant| tenant.stripe_webhook_secrets.is_empty()) {
            tenant.stripe_webhook_secrets.extend(secrets.webhook_secret.clone());
        }
        Ok(Self {
            listen,
            database_url: raw.database_url,
            data_dir: raw.data_dir,
            secrets,
            webhook_tolerance_s,
            metrics_token: raw.metrics_token,
            log_format: raw.log_format,
            tenants,
        })
    }
}

impl std::fmt::Debug for LedgerSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LedgerSettings").field("log_format", &self.log_format).finish_non_exhaustive()
    }
}

impl LedgerSettings {
    /// As a server's settings are read; but nothing is made that is not there.
    pub fn load() -> Result<Self, SettingsError> {
        Self::from_sources(Path::new(FILE), &environment())
    }

    pub fn from_sources(file: &Path, variables: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let raw = Raw::read(file, variables)?;
        raw.check()?;
        let master_key = existing_master_key(&raw.data_dir, raw.master_key.as_deref())?;
        Ok(Self { database_url: raw.database_url, master_key, log_format: raw.log_format })
    }
}

pub(crate) fn wrong(name: &str, expected: &str) -> SettingsError {
    SettingsError::Wrong { name: name.to_owned(), expected: format!("expected {expected}") }
}

/// The variables that mean something to the binary.
fn environment() -> BTreeMap<String, String> {
    std::env::vars()
        .filter(|(name, _)| name.starts_with("DAYBOOK_") || name == "DATABASE_URL" || name == "STRIPE_WEBHOOK_SECRET")
        .collect()
}

#[cfg(test)]
mod tests;
