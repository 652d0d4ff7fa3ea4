//! The words of the file and of the environment, and the check of each. Nothing here reads either by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::catalogue::{self, Processor};
use domain::id::TenantId;
use serde::Deserialize;

use super::stripe::{StripeAccount, Words};
use super::{LogFormat, SEED_TENANTS, SettingsError, TenantSettings, wrong};

/// Seconds by which a Stripe signature's timestamp may lie in the past: Stripe's own default.
const DEFAULT_TOLERANCE_S: u64 = 300;

/// A token that can be guessed is none.
const MIN_TOKEN_BYTES: usize = 16;

/// The file's and the environment's words, before they are checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    #[serde(default = "default_listen")]
    pub listen: String,
    #[serde(default = "default_database_url")]
    pub database_url: String,
    #[serde(default = "default_data_dir")]
    pub data_dir: PathBuf,
    pub jwt_secret: Option<String>,
    pub master_key: Option<String>,
    #[serde(default)]
    pub stripe_webhook_secrets: Vec<String>,
    pub stripe_webhook_tolerance_s: Option<u64>,
    pub metrics_token: Option<String>,
    #[serde(default)]
    pub log_format: LogFormat,
    #[serde(default)]
    pub tenants: BTreeMap<String, RawTenant>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTenant {
    #[serde(default)]
    stripe_webhook_secrets: Vec<String>,
    processor: Option<String>,
    stripe_secret_key: Option<String>,
    stripe_base_url: Option<String>,
    stripe_timeout_s: Option<u64>,
    stripe_patience_s: Option<u64>,
}

fn default_listen() -> String {
    "127.0.0.1:8080".to_owned()
}

fn default_database_url() -> String {
    "sqlite://./data/daybook.db".to_owned()
}

fn default_data_dir() -> PathBuf {
    PathBuf::from("./data")
}

/// What of the raw words has a form to be checked.
pub(super) struct Checked {
    pub listen: SocketAddr,
    pub webhook_tolerance_s: u64,
    pub tenants: BTreeMap<TenantId, TenantSettings>,
}

impl Raw {
    pub fn read(file: &Path, variables: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let mut builder = config::Config::builder()
            .add_source(config::File::from(file).format(config::FileFormat::Toml).required(false));
        for (name, value) in variables {
            let key = match name.as_str() {
                "DATABASE_URL" => "database_url".to_owned(),
                "STRIPE_WEBHOOK_SECRET" => "stripe_webhook_secrets".to_owned(),
                _ => match name.strip_prefix("DAYBOOK_") {
                    Some(rest) => key_of(&rest.to_ascii_lowercase()),
                    None => continue,
                },
            };
            let value = if key.ends_with("stripe_webhook_secrets") {
                config::Value::from(value.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>())
            } else {
                config::Value::from(value.clone())
            };
            builder =
                builder.set_override(&key, value).map_err(|error| SettingsError::Unreadable(error.to_string()))?;
        }
        builder
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| SettingsError::Unreadable(error.to_string()))
    }

    pub fn check(&self) -> Result<Checked, SettingsError> {
        let listen = self.listen.parse().map_err(|_| wrong("listen", "an address and port, such as 127.0.0.1:8080"))?;
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| self.database_url.starts_with(scheme)) {
            return Err(wrong("database_url", "sqlite://path or postgres://user@host/database"));
        }
        let webhook_tolerance_s = self.stripe_webhook_tolerance_s.unwrap_or(DEFAULT_TOLERANCE_S);
        if webhook_tolerance_s == 0 {
            return Err(wrong("stripe_webhook_tolerance_s", "at least 1 second: 0 would switch the check off"));
        }
        if self.metrics_token.as_ref().is_some_and(|token| token.len() < MIN_TOKEN_BYTES) {
            return Err(wrong("metrics_token", "at least 16 characters"));
        }
        let mut tenants = BTreeMap::new();
        for name in SEED_TENANTS {
            let tenant = TenantId::parse(name).map_err(|error| wrong("tenants", &error.to_string()))?;
            tenants.insert(tenant, self.tenant(name)?);
        }
        if let Some(unknown) = self.tenants.keys().find(|name| !SEED_TENANTS.contains(&name.as_str())) {
            return Err(wrong(&format!("tenants.{unknown}"), "one of coaching, education, healthcare, skincare"));
        }
        Ok(Checked { listen, webhook_tolerance_s, tenants })
    }
    fn tenant(&self, name: &str) -> Result<TenantSettings, SettingsError> {
        let without = RawTenant::default();
        let own = self.tenants.get(name).unwrap_or(&without);
        let secrets = own.stripe_webhook_secrets.iter().chain(&self.stripe_webhook_secrets).cloned();
        let stripe_webhook_secrets: Vec<String> = secrets.collect();
        if stripe_webhook_secrets.iter().any(String::is_empty) {
            return Err(wrong("stripe_webhook_secrets", "secrets that are not empty"));
        }
        let key = own.stripe_secret_key.as_deref();
        let words = Words {
            base_url: own.stripe_base_url.as_deref(),
            timeout_s: own.stripe_timeout_s,
            patience_s: own.stripe_patience_s,
        };
        let setting = |field: &str| format!("tenants.{name}.{field}");
        let stripe = key.map(|key| StripeAccount::check(key, words, &setting)).transpose()?;
        let processor = match own.processor.as_deref() {
            None => catalogue::seed(name).map_or(Processor::Sandbox, |catalogue| catalogue.defaults.processor),
            Some("sandbox") => Processor::Sandbox,
            Some("stripe") => Processor::Stripe,
            Some(_) => return Err(wrong(&setting("processor"), "sandbox or stripe")),
        };
        if processor == Processor::Stripe && stripe.is_none() {
            let expected = format!("a secret key of Stripe, since {} is stripe", setting("processor"));
            return Err(wrong(&setting("stripe_secret_key"), &expected));
        }
        let named = [
            ("stripe_base_url", words.base_url.is_some()),
            ("stripe_timeout_s", words.timeout_s.is_some()),
            ("stripe_patience_s", words.patience_s.is_some()),
        ];
        if let Some((field, _)) = named.iter().find(|(_, given)| stripe.is_none() && *given) {
            let expected = format!("none without {}", setting("stripe_secret_key"));
            return Err(wrong(&setting(field), &expected));
        }
        Ok(TenantSettings { stripe_webhook_secrets, processor, stripe })
    }
}

/// The setting that a variable names: `tenants_coaching_processor` is that of a tenant.
fn key_of(variable: &str) -> String {
    let of_tenant = variable.strip_prefix("tenants_").and_then(|rest| {
        let tenant = SEED_TENANTS.into_iter().find(|name| rest.starts_with(&format!("{name}_")))?;
        Some(format!("tenants.{tenant}.{}", rest.get(tenant.len().saturating_add(1)..)?))
    });
    of_tenant.unwrap_or_else(|| variable.to_owned())
}
