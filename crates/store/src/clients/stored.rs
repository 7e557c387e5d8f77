//! Credentials as they rest: hashes as they are, keys that have to be known in clear under a seal
//! that holds only in their place, for their algorithm.

use std::sync::Arc;

use symbolon_core::client::{
    CertificateMatch, Client, Credential, CredentialId, Proof, ProofKind, StoredPassword,
};
use symbolon_core::http_signature::Algorithm;
use symbolon_core::password::PasswordHash;
use symbolon_core::seal::{MasterKey, SealError};
use symbolon_core::secret::Secret;
use symbolon_core::{ClientId, Random, Timestamp, TokenHash};

use crate::client_store::{StoredClient, StoredCredential};

/// Seals and opens.
pub(super) struct Seals {
    pub(super) master: MasterKey,
    pub(super) random: Arc<dyn Random>,
}

/// When the credentials of these clients were last used.
pub(super) fn uses(stored: &[StoredClient]) -> Vec<(ClientId, CredentialId, Timestamp)> {
    let of = |one: &StoredClient| {
        let id = one.client.id.clone();
        let used = one.credentials.iter();
        let used = used.filter_map(|one| one.last_used.map(|at| (one.id.clone(), at)));
        used.map(move |(credential, at)| (id.clone(), credential, at)).collect::<Vec<_>>()
    };
    stored.iter().flat_map(of).collect()
}

impl Seals {
    /// A client as it is used. A credential that cannot be read proves nothing, and the log says so.
    pub(super) fn open_client(&self, stored: StoredClient) -> Client {
        let StoredClient { mut client, credentials } = stored;
        for credential in credentials {
            let (id, expires_at) = (credential.id.clone(), credential.expires_at);
            if let Some(proof) = self.open(&client.id, credential) {
                client.credentials.push(Credential { id, expires_at, proof });
            } else {
                tracing::error!(
                    client.id = %client.id,
                    credential.id = %id,
                    "a stored credential cannot be read, and is not used"
                );
            }
        }
        client
    }

    /// A credential as it rests.
    pub(super) fn close(
        &self,
        client: &ClientId,
        credential: &Credential,
    ) -> Result<StoredCredential, SealError> {
        let kind = credential.proof.kind();
        let mut stored = StoredCredential {
            id: credential.id.clone(),
            kind,
            shown: Vec::new(),
            algorithm: None,
            secret: None,
            expires_at: credential.expires_at,
            last_used: None,
        };
        let secret = match &credential.proof {
            Proof::ApiKey { hash } => {
                stored.shown = hash.as_bytes().to_vec();
                None
            }
            Proof::Basic { username, password } => {
                stored.shown = username.as_bytes().to_vec();
                let StoredPassword::Hash(hash) = password else { return Err(SealError) };
                stored.secret = Some(hash.as_str().as_bytes().to_vec());
                None
            }
            Proof::Hmac { key_id, secret, algorithms } => {
                stored.shown = key_id.as_bytes().to_vec();
                let names: Vec<&str> = algorithms.iter().map(|one| one.name()).collect();
                stored.algorithm = Some(names.join(" "));
                Some(secret)
            }
            Proof::Jwt { key, algorithm, material } => {
                stored.shown = key.as_bytes().to_vec();
                stored.algorithm = Some(algorithm.to_string());
                Some(material)
            }
            Proof::Mtls { certificate } => {
                stored.shown = certificate.to_string().into_bytes();
                None
            }
        };
        if let Some(secret) = secret {
            let place = place(client, &stored);
            stored.secret = Some(self.master.seal(&place, secret.reveal(), &*self.random)?);
        }
        Ok(stored)
    }

    fn open(&self, client: &ClientId, stored: StoredCredential) -> Option<Proof> {
        let place = place(client, &stored);
        let StoredCredential { kind, shown, algorithm, secret, .. } = stored;
        if kind == ProofKind::ApiKey {
            let hash: [u8; 32] = shown.try_into().ok()?;
            return Some(Proof::ApiKey { hash: TokenHash::from_bytes(hash) });
        }
        let name = String::from_utf8(shown).ok()?;
        let open = || {
            let opened = self.master.open(&place, secret.as_deref()?).ok()?;
            Some(Secret::new(opened.as_slice()))
        };
        Some(match kind {
            ProofKind::ApiKey => return None,
            ProofKind::Basic => {
                let hash = PasswordHash::from_stored(std::str::from_utf8(secret.as_deref()?).ok()?);
                Proof::Basic { username: name.into(), password: StoredPassword::Hash(hash) }
            }
            ProofKind::Hmac => {
                let names = algorithm.as_deref()?.split(' ');
                let algorithms = names.map(Algorithm::of_name).collect::<Option<Arc<[_]>>>()?;
                Proof::Hmac { key_id: name.into(), secret: open()?, algorithms }
            }
            ProofKind::Jwt => {
                Proof::Jwt { material: open()?, key: name.into(), algorithm: algorithm?.into() }
            }
            ProofKind::Mtls => Proof::Mtls { certificate: CertificateMatch::stored(&name)? },
        })
    }
}

/// What a seal is bound to: everything that says what the key is for, so that none can be put in
/// another's place, nor a public key be taken for a shared one.
fn place(client: &ClientId, stored: &StoredCredential) -> String {
    let (id, kind) = (&stored.id, stored.kind.name());
    let algorithm = stored.algorithm.as_deref().unwrap_or("-");
    let shown = String::from_utf8_lossy(&stored.shown);
    // Only the last part can hold a colon.
    format!("client-credential:{client}:{id}:{kind}:{algorithm}:{shown}")
}
