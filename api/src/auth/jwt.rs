//! JSON Web Tokens, HS256 with the configured secret. What `daybook token` prints and the `JWT` scheme accepts.

use domain::id::TenantId;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use signature::{Signer, Verifier};

use super::principal::{Principal, Scope, Scopes};

/// How long a printed token is good, in seconds: a working day.
pub const TOKEN_LIFE_S: i64 = 12 * 3_600;

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub sub: String,
    pub tenant: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    pub iat: i64,
    pub exp: i64,
}

#[derive(Debug, thiserror::Error)]
#[error("the token is not valid")]
pub struct InvalidToken;

pub fn issue(claims: &Claims, secret: &str) -> Result<String, InvalidToken> {
    install_provider();
    let key = EncodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).map_err(|_| InvalidToken)
}

/// The principal of a token, on its own tenant's surface.
pub fn recognise(token: &str, secret: &str, now_s: i64) -> Result<Principal, InvalidToken> {
    install_provider();
    let mut validation = Validation::new(Algorithm::HS256);
    // The library would read the machine's clock; expiry is judged by the ledger's.
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(secret.as_bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| InvalidToken)?.claims;
    if claims.exp <= now_s {
        return Err(InvalidToken);
    }
    let tenant = TenantId::parse(&claims.tenant).map_err(|_| InvalidToken)?;
    // What a role may do is its surface's business; until a surface says so, a token with a role only reads.
    let scope = if claims.role.is_some() { Scope::Read } else { Scope::Full };
    Ok(Principal { tenant, actor: format!("user:{}", claims.sub), scopes: Scopes::new(vec![scope]) })
}

/// The library has no cryptography of its own in this build (its providers bring rsa or aws-lc); HS256 is all we need.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        only_hs256(*algorithm)?;
        Ok(Box::new(HmacSha256(mac(key.as_bytes())?)))
    },
    verifier_factory: |algorithm, key| {
        only_hs256(*algorithm)?;
        Ok(Box::new(HmacSha256(mac(key.try_get_as_bytes()?)?)))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn install_provider() {
    // It fails only where it is installed already, by an earlier call.
    let _ = PROVIDER.install_default();
}

fn only_hs256(algorithm: Algorithm) -> jsonwebtoken::errors::Result<()> {
    if algorithm == Algorithm::HS256 { Ok(()) } else { Err(ErrorKind::InvalidAlgorithm.into()) }
}

struct HmacSha256(Hmac<Sha256>);

fn mac(secret: &[u8]) -> jsonwebtoken::errors::Result<Hmac<Sha256>> {
    Hmac::<Sha256>::new_from_slice(secret).map_err(|_| ErrorKind::InvalidKeyFormat.into())
}

impl Signer<Vec<u8>> for HmacSha256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for HmacSha256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unexpired_token_with_our_signature_is_recognised() {
        let claims = Claims {
            sub: "user_1".into(),
            tenant: "coaching".into(),
            role: None,
            entity: None,
            iat: 1_000,
            exp: 2_000,
        };
        let token = issue(&claims, "a secret of some length").unwrap();
        let recognised = |token: &str, secret: &str, now_s| recognise(token, secret, now_s).map(|p| p.actor).ok();
        assert_eq!(recognised(&token, "a secret of some length", 1_999), Some("user:user_1".to_owned()));
        assert_eq!(recognised(&token, "a secret of some length", 2_000), None);
        assert_eq!(recognised(&token, "another secret of length", 1_999), None);
        let unsigned = format!("{}.{}.", "eyJhbGciOiJub25lIn0", token.split('.').nth(1).unwrap());
        assert_eq!(recognised(&unsigned, "a secret of some length", 1_999), None);
    }
}
