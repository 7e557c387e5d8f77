//! A credential out of what an operator gave.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symbolon_core::client::{CertificateMatch, Proof, StoredPassword};
use symbolon_core::http_signature::Algorithm;
use symbolon_core::password::{PasswordTooLong, PlainPassword};
use symbolon_core::secret::Secret;
use symbolon_core::{PlainToken, TokenHash, TokenKind, random};
use symbolon_store::passwords::HashingError;

use super::{Certificate, NewProof, secret};
use crate::control::Password;
use crate::services::Services;

/// The shortest password of a machine, in characters: nobody has to remember it.
const MIN_PASSWORD: usize = 15;
/// The shortest shared key, in bytes (RFC 2104 section 3 advises the length of the hash; what
/// machines make themselves is longer).
const MIN_SECRET: usize = 16;
/// The length of one that is made here, in bytes.
const MADE_SECRET: usize = 32;
/// The longest name that requests show, in bytes.
const MAX_NAME: usize = 256;

/// Why there is no credential.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProofError {
    #[error("a key of another system must have 16 to 512 visible characters")]
    ForeignKey,
    #[error("a user name must not be empty, nor have a colon or a control character")]
    Username,
    #[error("the password must have at least {MIN_PASSWORD} characters")]
    ShortPassword,
    #[error(transparent)]
    LongPassword(#[from] PasswordTooLong),
    #[error(transparent)]
    Hashing(#[from] HashingError),
    #[error("the name of a key must have 1 to {MAX_NAME} visible characters")]
    KeyName,
    #[error("the secret must have at least {MIN_SECRET} bytes")]
    ShortSecret,
    #[error("`{0}` is no algorithm of signed tokens that is known here")]
    Algorithm(String),
    #[error("this algorithm needs a public key as PEM: `--public-key-file`")]
    NotPublic,
    #[error("this algorithm needs a shared secret of at least {0} bytes: `--secret-stdin`")]
    NotShared(usize),
    #[error("a subject reads like `CN=a,O=b`, a fingerprint has 64 hexadecimal digits")]
    Certificate,
}

impl NewProof {
    /// The credential, and the secret that was made for it, which is told once.
    pub(super) async fn make(
        self,
        services: &Services,
    ) -> Result<(Proof, Option<Password>), ProofError> {
        match self {
            Self::ApiKey { foreign: Some(key) } => {
                let hash = TokenHash::of_presented(TokenKind::ApiKey, key.reveal().as_bytes())
                    .or_else(|_| TokenHash::of_foreign(key.reveal().as_bytes()))
                    .map_err(|_| ProofError::ForeignKey)?;
                Ok((Proof::ApiKey { hash }, None))
            }
            Self::ApiKey { foreign: None } => {
                let key = PlainToken::generate(TokenKind::ApiKey, &*services.random);
                Ok((Proof::ApiKey { hash: key.hash() }, Some(secret(key.reveal()))))
            }
            Self::Basic { username, password } => {
                basic(services, username, &password).await.map(|proof| (proof, None))
            }
            Self::Hmac { key_id, secret: given } => {
                check_name(&key_id)?;
                let made = given.is_none().then(|| {
                    let bytes: [u8; MADE_SECRET] = random::bytes(&*services.random);
                    secret(&URL_SAFE_NO_PAD.encode(bytes))
                });
                let bytes = given.as_ref().or(made.as_ref()).map_or("", Password::reveal);
                let proof = Proof::Hmac {
                    key_id: key_id.into(),
                    secret: shared(bytes.as_bytes())?,
                    algorithms: Algorithm::SHARED.into(),
                };
                Ok((proof, made))
            }
            Self::Jwt { key, algorithm, material } => {
                check_name(&key)?;
                check_algorithm(&algorithm, material.reveal())?;
                let material = Secret::new(material.reveal().as_bytes());
                Ok((Proof::Jwt { key: key.into(), algorithm: algorithm.into(), material }, None))
            }
            Self::Mtls(certificate) => {
                let certificate = match &certificate {
                    Certificate::San(name) => CertificateMatch::san(name),
                    Certificate::Subject(name) => CertificateMatch::subject(name),
                    Certificate::Fingerprint(digits) => CertificateMatch::fingerprint(digits),
                };
                let certificate = certificate.ok_or(ProofError::Certificate)?;
                Ok((Proof::Mtls { certificate }, None))
            }
        }
    }
}

async fn basic(
    services: &Services,
    username: String,
    password: &Password,
) -> Result<Proof, ProofError> {
    let is_name = !username.is_empty()
        && username.len() <= MAX_NAME
        && !username.contains(':')
        && !username.chars().any(char::is_control);
    if !is_name {
        return Err(ProofError::Username);
    }
    if password.reveal().chars().count() < MIN_PASSWORD {
        return Err(ProofError::ShortPassword);
    }
    let hash = services.passwords.hash(PlainPassword::new(password.reveal())?).await?;
    Ok(Proof::Basic { username: username.into(), password: StoredPassword::Hash(hash) })
}

/// Which key an algorithm is for (RFC 7518 section 3.1, RFC 8037): a shared secret is never taken for
/// a public key, nor the other way round.
fn check_algorithm(algorithm: &str, material: &str) -> Result<(), ProofError> {
    let is_pem = material.contains("-----BEGIN ");
    let shortest = match algorithm {
        "HS256" => 32,
        "HS384" => 48,
        "HS512" => 64,
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512"
        | "EdDSA" => {
            return if is_pem { Ok(()) } else { Err(ProofError::NotPublic) };
        }
        other => return Err(ProofError::Algorithm(other.to_owned())),
    };
    if is_pem || material.len() < shortest {
        return Err(ProofError::NotShared(shortest));
    }
    Ok(())
}

fn shared(bytes: &[u8]) -> Result<Secret, ProofError> {
    if bytes.len() < MIN_SECRET {
        return Err(ProofError::ShortSecret);
    }
    Ok(Secret::new(bytes))
}

fn check_name(name: &str) -> Result<(), ProofError> {
    let is_name = !name.is_empty()
        && name.len() <= MAX_NAME
        && name.bytes().all(|byte| byte.is_ascii_graphic());
    if is_name { Ok(()) } else { Err(ProofError::KeyName) }
}
