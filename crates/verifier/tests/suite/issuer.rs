//! An issuer for the tests: it signs whatever it is told to, right or wrong.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use symbolon_verifier::{Algorithm, Claims, Jwk, JwkSet, KeySet, Verifier};

pub(crate) const ISSUER: &str = "https://shop.example/auth/internal";
pub(crate) const AUDIENCE: &str = "orders";
pub(crate) const NOW: i64 = 1_800_000_000;

pub(crate) enum Signer {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

pub(crate) struct Issuer {
    pub(crate) kid: String,
    pub(crate) signer: Signer,
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The claims of a good token, as JSON to be spoilt.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": AUDIENCE, "exp": NOW + 60, "iat": NOW, "jti": "t1",
        "roles": ["customer"], "session": {"cart": {"a": {"sku": "x"}}}, "generation": 3,
    })
}

pub(crate) fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

pub(crate) fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}

impl Issuer {
    pub(crate) fn new(algorithm: Algorithm, kid: &str) -> Self {
        let signer = match algorithm {
            Algorithm::Es256 => {
                Signer::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
            }
            Algorithm::EdDsa => Signer::EdDsa(Ed25519KeyPair::generate().unwrap()),
            Algorithm::Rs256 => Signer::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        };
        Self { kid: kid.to_owned(), signer }
    }

    pub(crate) fn es256() -> Self {
        Self::new(Algorithm::Es256, "k1")
    }

    pub(crate) fn jwk(&self) -> Jwk {
        match &self.signer {
            Signer::Es256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(32);
                Jwk::ec_p256(&self.kid, x.try_into().unwrap(), y.try_into().unwrap())
            }
            Signer::EdDsa(pair) => {
                Jwk::ed25519(&self.kid, pair.public_key().as_ref().try_into().unwrap())
            }
            Signer::Rs256(pair) => {
                // RFC 8017 A.1.1, 2048 bits: modulus at offset 9, exponent at the end.
                let der = pair.public_key().as_ref();
                Jwk::rsa(&self.kid, der[9..265].to_vec(), der[267..].to_vec())
            }
        }
    }

    pub(crate) fn jwks(&self) -> Vec<u8> {
        serde_json::to_vec(&JwkSet { keys: vec![self.jwk()] }).unwrap()
    }

    pub(crate) fn verifier(&self) -> Verifier {
        Verifier::new(ISSUER, AUDIENCE, KeySet::parse(&self.jwks()).unwrap())
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.jwk().algorithm().name(), "kid": self.kid, "typ": "at+jwt"})
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.signer {
            Signer::Es256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Signer::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Signer::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// A token of this header and payload, byte for byte, with a good signature.
    pub(crate) fn token_of(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let input = format!("{}.{}", base64url(header), base64url(payload));
        let signature = base64url(self.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_of(self.header().to_string(), claims.to_string())
    }

    pub(crate) fn mint(&self, claims: &Claims) -> String {
        self.token_of(self.header().to_string(), serde_json::to_vec(claims).unwrap())
    }
}
