//! How this process speaks TLS: with ring, trusting Mozilla's roots. Nothing here opens a connection.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

/// Makes ring the provider of the whole process; called first thing, before any client is built. A provider that is
/// there already stays.
pub fn install_provider() {
    if CryptoProvider::get_default().is_none() {
        // Somebody else may have been first in between; theirs serves as well.
        drop(ring::default_provider().install_default());
    }
}

/// A client's side, whatever the process has installed.
pub fn client_config() -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
