//! Argon2id (RFC 9106) with the parameters that OWASP recommends for interactive log-in.

use std::fmt;

use argon2::password_hash::{
    self, Output, ParamsString, PasswordHasher, PasswordVerifier, SaltString,
};
use argon2::{Algorithm, Argon2, Params, Version};

use super::plain::PlainPassword;
use crate::random::{self, Random};

/// Memory, in KiB.
const MEMORY_KIB: u32 = 19_456;
/// Passes over the memory.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Salt, in bytes (RFC 9106 section 3.1 recommends 16).
const SALT_BYTES: usize = 16;
/// Output, in bytes.
const OUTPUT_BYTES: usize = 32;

/// A password's hash in PHC string form: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// A stored hash that cannot be used, or a machine without the memory for a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("password hash cannot be computed")]
pub struct HashError;

/// A hash opens nothing, but it does not belong into logs.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

impl PasswordHash {
    /// Hashes a password with a fresh salt. Takes tens of milliseconds and 19 MiB.
    pub fn of(password: &PlainPassword, random: &dyn Random) -> Result<Self, HashError> {
        let salt: [u8; SALT_BYTES] = random::bytes(random);
        let salt = SaltString::encode_b64(&salt).map_err(|_| HashError)?;
        argon2id()?
            .hash_password(password.reveal().as_bytes(), &salt)
            .map(|hash| Self(hash.to_string()))
            .map_err(|_| HashError)
    }

    /// A hash with today's parameters that belongs to no password. Comparing with it is as much work
    /// as with any other; making it is none.
    pub fn decoy(random: &dyn Random) -> Result<Self, HashError> {
        let salt: [u8; SALT_BYTES] = random::bytes(random);
        let output: [u8; OUTPUT_BYTES] = random::bytes(random);
        let salt = SaltString::encode_b64(&salt).map_err(|_| HashError)?;
        let decoy = password_hash::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params()?).map_err(|_| HashError)?,
            salt: Some(salt.as_salt()),
            hash: Some(Output::new(&output).map_err(|_| HashError)?),
        };
        Ok(Self(decoy.to_string()))
    }

    /// From its stored form, as it is; a text that is no hash fails in [`Self::verify`].
    pub fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Its stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the password is the one that was hashed; compared in constant time.
    ///
    /// # Errors
    /// [`HashError`] when the stored text is no Argon2 hash.
    pub fn verify(&self, password: &PlainPassword) -> Result<bool, HashError> {
        let hash = password_hash::PasswordHash::new(&self.0).map_err(|_| HashError)?;
        match argon2id()?.verify_password(password.reveal().as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(password_hash::Error::Password) => Ok(false),
            Err(_) => Err(HashError),
        }
    }

    /// Whether it was made with other parameters than today's.
    pub fn needs_rehash(&self) -> bool {
        let Ok(hash) = password_hash::PasswordHash::new(&self.0) else {
            return true;
        };
        let today = params().ok();
        hash.algorithm != Algorithm::Argon2id.ident()
            || hash.version != Some(Version::V0x13.into())
            || Params::try_from(&hash).ok() != today
    }
}

fn argon2id() -> Result<Argon2<'static>, HashError> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params()?))
}

fn params() -> Result<Params, HashError> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).map_err(|_| HashError)
}
