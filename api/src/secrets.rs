//! The secrets a server needs: the key that wraps the subject keys, the secret that signs tokens, and the secret of
//! the webhook endpoint. Those that no setting gives are made once and kept in a file only its owner may read. Whoever
//! only looks at a ledger makes none.

use std::io::Write;
use std::path::Path;

use crate::settings::{SettingsError, wrong};

/// The file in the data folder that keeps generated secrets.
pub const SECRETS_FILE: &str = "secrets.toml";

#[derive(Clone)]
pub struct Secrets {
    pub master_key: [u8; 32],
    pub jwt_secret: String,
    /// Used by tenants that no other webhook secret is configured for; `None` where every tenant has its own.
    pub webhook_secret: Option<String>,
}

/// Shows nothing of itself in messages.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

#[derive(Debug, Clone, serde::Deserialize)]
struct Kept {
    master_key: String,
    jwt_secret: String,
    webhook_secret: String,
}

impl Secrets {
    /// Configured secrets win; what is missing comes from the secrets file, which is made where it does not exist. It is
    /// neither made nor read where nothing is missing: a master key, a token secret, and webhook secrets of all tenants.
    pub fn resolve(
        data_dir: &Path,
        master_key: Option<&str>,
        jwt_secret: Option<&str>,
        has_webhook_secrets: bool,
    ) -> Result<Self, SettingsError> {
        if jwt_secret.is_some_and(|secret| secret.len() < 16) {
            return Err(wrong("jwt_secret", "at least 16 characters"));
        }
        let master_key = master_key.map(parse_key).transpose()?;
        if let (Some(master_key), Some(jwt_secret), true) = (master_key, jwt_secret, has_webhook_secrets) {
            return Ok(Self { master_key, jwt_secret: jwt_secret.to_owned(), webhook_secret: None });
        }
        let path = data_dir.join(SECRETS_FILE);
        if !path.exists() {
            make(&path)?;
        }
        let kept = read(&path)?;
        Ok(Self {
            master_key: master_key.map_or_else(|| parse_key(&kept.master_key), Ok)?,
            jwt_secret: jwt_secret.unwrap_or(&kept.jwt_secret).to_owned(),
            webhook_secret: Some(kept.webhook_secret),
        })
    }
}

/// The master key of a ledger that is there already: configured, or kept by the server that made it.
pub fn existing_master_key(data_dir: &Path, configured: Option<&str>) -> Result<[u8; 32], SettingsError> {
    if let Some(key) = configured {
        return parse_key(key);
    }
    let path = data_dir.join(SECRETS_FILE);
    if !path.exists() {
        let expected = format!(
            "the key of this ledger, in DAYBOOK_MASTER_KEY or in {}, which is missing (the first `daybook serve` makes it)",
            path.display()
        );
        return Err(wrong("master_key", &expected));
    }
    parse_key(&read(&path)?.master_key)
}

fn make(path: &Path) -> Result<(), SettingsError> {
    let text = format!(
        "# Made at the first start. Whoever has master_key can read the personal data in the ledger; without it\n\
         # nobody can. Keep a copy apart from the database.\n\
         master_key = \"{}\"\njwt_secret = \"{}\"\nwebhook_secret = \"whsec_{}\"\n",
        random_hex(),
        random_hex(),
        random_hex()
    );
    write_owner_only(path, &text).map_err(|error| unreadable(path, &error.to_string()))
}

fn read(path: &Path) -> Result<Kept, SettingsError> {
    config::Config::builder()
        .add_source(config::File::from(path).format(config::FileFormat::Toml))
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| unreadable(path, &error.to_string()))
}

/// Writes a file that only its owner may read, whole or not at all, and never over an existing one.
pub fn write_owner_only(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(format!("tmp-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // A hard link fails where the name exists, so of two processes that start at once one file wins.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// 256 random bits as hexadecimal text.
pub fn random_hex() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

fn parse_key(text: &str) -> Result<[u8; 32], SettingsError> {
    let bytes = hex::decode(text).map_err(|_| wrong("master_key", "64 hexadecimal digits"))?;
    <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| wrong("master_key", "64 hexadecimal digits"))
}

fn unreadable(path: &Path, reason: &str) -> SettingsError {
    SettingsError::Unreadable(format!("{}: {reason}", path.display()))
}
