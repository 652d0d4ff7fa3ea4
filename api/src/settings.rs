//! What the binary is told: `daybook.toml`, overridden by the environment. The only place that reads the environment.
//! A wrong setting is refused at start by its name, with what was expected.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::id::TenantId;
use serde::Deserialize;

use crate::secrets::Secrets;

/// The tenants of the default configuration: the four businesses whose documents the ledger was made from.
pub const SEED_TENANTS: [&str; 4] = ["coaching", "education", "healthcare", "skincare"];

/// Seconds by which a Stripe signature's timestamp may lie in the past: Stripe's own default.
const DEFAULT_TOLERANCE_S: u64 = 300;

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("setting {name}: {expected}")]
    Wrong { name: String, expected: String },
    #[error("settings cannot be read: {0}")]
    Unreadable(String),
}

/// The file's and the environment's words, before they are checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default = "default_listen")]
    listen: String,
    #[serde(default = "default_database_url")]
    database_url: String,
    #[serde(default = "default_data_dir")]
    data_dir: PathBuf,
    jwt_secret: Option<String>,
    master_key: Option<String>,
    #[serde(default)]
    stripe_webhook_secrets: Vec<String>,
    stripe_webhook_tolerance_s: Option<u64>,
    #[serde(default)]
    log_format: LogFormat,
    #[serde(default)]
    tenants: BTreeMap<String, RawTenant>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTenant {
    #[serde(default)]
    stripe_webhook_secrets: Vec<String>,
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
    pub log_format: LogFormat,
    pub tenants: BTreeMap<TenantId, TenantSettings>,
}

#[derive(Debug, Clone, Default)]
pub struct TenantSettings {
    /// Several during a rotation; any may match.
    pub stripe_webhook_secrets: Vec<String>,
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

impl Settings {
    /// Reads `daybook.toml` in the working directory, where there is one, and the environment.
    pub fn load() -> Result<Self, SettingsError> {
        Self::from_sources(Path::new("daybook.toml"), &environment())
    }

    /// Reads a given file, if it exists, and given variables over it.
    pub fn from_sources(file: &Path, variables: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        let mut builder = config::Config::builder()
            .add_source(config::File::from(file).format(config::FileFormat::Toml).required(false));
        for (name, value) in variables {
            let key = match name.as_str() {
                "DATABASE_URL" => "database_url".to_owned(),
                "STRIPE_WEBHOOK_SECRET" => "stripe_webhook_secrets".to_owned(),
                _ => match name.strip_prefix("DAYBOOK_") {
                    Some(rest) => rest.to_ascii_lowercase(),
                    None => continue,
                },
            };
            let value = if key == "stripe_webhook_secrets" {
                config::Value::from(value.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>())
            } else {
                config::Value::from(value.clone())
            };
            builder =
                builder.set_override(&key, value).map_err(|error| SettingsError::Unreadable(error.to_string()))?;
        }
        let raw: Raw = builder
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| SettingsError::Unreadable(error.to_string()))?;
        Self::check(raw)
    }

    pub fn tenant(&self, tenant: &TenantId) -> Option<&TenantSettings> {
        self.tenants.get(tenant)
    }

    fn check(raw: Raw) -> Result<Self, SettingsError> {
        let listen = raw.listen.parse().map_err(|_| wrong("listen", "an address and port, such as 127.0.0.1:8080"))?;
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| raw.database_url.starts_with(scheme)) {
            return Err(wrong("database_url", "sqlite://path or postgres://user@host/database"));
        }
        let tolerance_s = raw.stripe_webhook_tolerance_s.unwrap_or(DEFAULT_TOLERANCE_S);
        if tolerance_s == 0 {
            return Err(wrong("stripe_webhook_tolerance_s", "at least 1 second: 0 would switch the check off"));
        }
        let mut tenants = BTreeMap::new();
        for name in SEED_TENANTS {
            let own = raw.tenants.get(name).map(|tenant| tenant.stripe_webhook_secrets.clone()).unwrap_or_default();
            let secrets = own.into_iter().chain(raw.stripe_webhook_secrets.iter().cloned()).collect();
            let tenant = TenantId::parse(name).map_err(|error| wrong("tenants", &error.to_string()))?;
            tenants.insert(tenant, TenantSettings { stripe_webhook_secrets: secrets });
        }
        if let Some(unknown) = raw.tenants.keys().find(|name| !SEED_TENANTS.contains(&name.as_str())) {
            return Err(wrong(&format!("tenants.{unknown}"), "one of coaching, education, healthcare, skincare"));
        }
        let secrets = Secrets::resolve(&raw.data_dir, raw.master_key.as_deref(), raw.jwt_secret.as_deref())?;
        for tenant in tenants.values_mut() {
            if tenant.stripe_webhook_secrets.is_empty() {
                tenant.stripe_webhook_secrets.push(secrets.webhook_secret.clone());
            }
            if tenant.stripe_webhook_secrets.iter().any(String::is_empty) {
                return Err(wrong("stripe_webhook_secrets", "secrets that are not empty"));
            }
        }
        Ok(Self {
            listen,
            database_url: raw.database_url,
            data_dir: raw.data_dir,
            secrets,
            webhook_tolerance_s: tolerance_s,
            log_format: raw.log_format,
            tenants,
        })
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
mod tests {
    use super::*;

    fn load(file: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
        let folder = std::env::temp_dir().join(format!("daybook-settings-{}", store::ids::fresh()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("daybook.toml");
        std::fs::write(&path, file).unwrap();
        let mut variables: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        variables.insert("DAYBOOK_DATA_DIR".to_owned(), folder.to_string_lossy().into_owned());
        Settings::from_sources(&path, &variables).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let settings = load("listen = \"127.0.0.1:1\"", &[("DAYBOOK_LISTEN", "127.0.0.1:2")]).unwrap();
        assert_eq!(settings.listen.port(), 2);
    }

    #[test]
    fn wrong_settings_are_refused_by_name() {
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
        let cases: [Case<'_>; 6] = [
            ("", &[("DAYBOOK_LISTEN", "nowhere")], "setting listen: expected an address"),
            ("", &[("DATABASE_URL", "mysql://x")], "setting database_url: expected sqlite://"),
            ("lisen = 1", &[], "lisen"),
            ("stripe_webhook_tolerance_s = 0", &[], "setting stripe_webhook_tolerance_s: expected at least 1"),
            ("[tenants.bakery]", &[], "setting tenants.bakery: expected one of"),
            ("master_key = \"short\"", &[], "setting master_key: expected 64 hexadecimal digits"),
        ];
        for (file, variables, expected) in cases {
            let message = load(file, variables).unwrap_err();
            assert!(message.contains(expected), "{message:?} should contain {expected:?}");
        }
    }

    #[test]
    fn a_tenants_own_webhook_secret_comes_before_the_shared_one() {
        let file = "[tenants.coaching]\nstripe_webhook_secrets = [\"whsec_own\"]";
        let settings = load(file, &[("STRIPE_WEBHOOK_SECRET", "whsec_all")]).unwrap();
        let secrets = |tenant: &str| settings.tenants[&TenantId::parse(tenant).unwrap()].stripe_webhook_secrets.clone();
        assert_eq!(secrets("coaching"), ["whsec_own", "whsec_all"]);
        assert_eq!(secrets("education"), ["whsec_all"]);
    }
}
