//! What the binary is told: `daybook.toml`, overridden by the environment. The only place that reads the environment.
//! A wrong setting is refused at start by its name, with what was expected.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::id::TenantId;
use serde::Deserialize;

use crate::secrets::{Secrets, existing_master_key};

/// The tenants of the default configuration: the four businesses whose documents the ledger was made from.
pub const SEED_TENANTS: [&str; 4] = ["coaching", "education", "healthcare", "skincare"];

/// Seconds by which a Stripe signature's timestamp may lie in the past: Stripe's own default.
const DEFAULT_TOLERANCE_S: u64 = 300;

/// A token that can be guessed is none.
const MIN_TOKEN_BYTES: usize = 16;

/// The file in the working directory.
const FILE: &str = "daybook.toml";

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
    metrics_token: Option<String>,
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

/// What of the raw words has a form to be checked.
struct Checked {
    listen: SocketAddr,
    webhook_tolerance_s: u64,
    tenants: BTreeMap<TenantId, TenantSettings>,
}

impl Raw {
    fn read(file: &Path, variables: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
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
        builder
            .build()
            .and_then(config::Config::try_deserialize)
            .map_err(|error| SettingsError::Unreadable(error.to_string()))
    }

    fn check(&self) -> Result<Checked, SettingsError> {
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
            let own = self.tenants.get(name).map(|tenant| tenant.stripe_webhook_secrets.clone()).unwrap_or_default();
            let secrets: Vec<String> = own.into_iter().chain(self.stripe_webhook_secrets.iter().cloned()).collect();
            if secrets.iter().any(String::is_empty) {
                return Err(wrong("stripe_webhook_secrets", "secrets that are not empty"));
            }
            let tenant = TenantId::parse(name).map_err(|error| wrong("tenants", &error.to_string()))?;
            tenants.insert(tenant, TenantSettings { stripe_webhook_secrets: secrets });
        }
        if let Some(unknown) = self.tenants.keys().find(|name| !SEED_TENANTS.contains(&name.as_str())) {
            return Err(wrong(&format!("tenants.{unknown}"), "one of coaching, education, healthcare, skincare"));
        }
        Ok(Checked { listen, webhook_tolerance_s, tenants })
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

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("daybook-settings-{}", store::ids::fresh()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn variables(data_dir: &Path, variables: &[(&str, &str)]) -> BTreeMap<String, String> {
        let data_dir = data_dir.to_string_lossy();
        let all = variables.iter().copied().chain([("DAYBOOK_DATA_DIR", &*data_dir)]);
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn load(file: &str, given: &[(&str, &str)]) -> Result<Settings, String> {
        let folder = folder();
        let path = folder.join("daybook.toml");
        std::fs::write(&path, file).unwrap();
        Settings::from_sources(&path, &variables(&folder, given)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let settings = load("listen = \"127.0.0.1:1\"", &[("DAYBOOK_LISTEN", "127.0.0.1:2")]).unwrap();
        assert_eq!(settings.listen.port(), 2);
    }

    #[test]
    fn wrong_settings_are_refused_by_name() {
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
        let cases: [Case<'_>; 8] = [
            ("", &[("DAYBOOK_LISTEN", "nowhere")], "setting listen: expected an address"),
            ("", &[("DATABASE_URL", "mysql://x")], "setting database_url: expected sqlite://"),
            ("lisen = 1", &[], "lisen"),
            ("stripe_webhook_tolerance_s = 0", &[], "setting stripe_webhook_tolerance_s: expected at least 1"),
            ("[tenants.bakery]", &[], "setting tenants.bakery: expected one of"),
            ("metrics_token = \"guess\"", &[], "setting metrics_token: expected at least 16"),
            ("stripe_webhook_secrets = [\"\"]", &[], "setting stripe_webhook_secrets: expected secrets"),
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

    const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

    /// Read as a server does, then as whoever only looks; each into a folder of its own.
    #[test]
    fn secrets_are_made_for_a_server_that_lacks_one_and_for_nobody_else() {
        let all = [
            ("DAYBOOK_MASTER_KEY", KEY),
            ("DAYBOOK_JWT_SECRET", "sixteen characters"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_all"),
        ];
        let no_file = Path::new("no-such-daybook.toml");
        for (given, made, looked) in
            [(&all[..0], true, None), (&all[1..], true, None), (&all[..], false, Some([7; 32]))]
        {
            let folder = folder();
            let server = Settings::from_sources(no_file, &variables(&folder, given)).unwrap();
            assert_eq!(folder.join("secrets.toml").exists(), made, "{given:?}");
            let again = LedgerSettings::from_sources(no_file, &variables(&folder, given)).unwrap();
            assert_eq!(again.master_key, server.secrets.master_key, "{given:?}");

            let folder = self::folder();
            let found = LedgerSettings::from_sources(no_file, &variables(&folder, given));
            let found = found.map(|settings| settings.master_key).map_err(|error| error.to_string());
            assert!(!folder.join("secrets.toml").exists(), "{given:?}");
            if let Some(key) = looked {
                assert_eq!(found, Ok(key));
            } else {
                let message = found.unwrap_err();
                assert!(message.contains("setting master_key: expected the key of this ledger"), "{message}");
            }
        }
    }
}
