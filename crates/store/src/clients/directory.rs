//! Clients by what they show: made once, then only read.
//!
//! One that follows another shares with it what did not change: the clients, what their credentials
//! prove and the tokens that were made of it. Ten thousand clients are then ten thousand counts of
//! references, not ten thousand clients.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashMap;
use symbolon_core::client::{CertificateMatch, Client, Credential, CredentialId, Proof};
use symbolon_core::{ClientId, TokenHash};

use super::registered::Registered;

/// All credentials of some clients.
#[derive(Clone, Default)]
pub struct Directory {
    clients: HashMap<ClientId, Entry>,
    api_keys: HashMap<TokenHash, Arc<Registered>>,
    usernames: HashMap<Arc<str>, Arc<Registered>>,
    hmac_keys: HashMap<Arc<str>, Arc<Registered>>,
    jwt_keys: HashMap<Arc<str>, Arc<Registered>>,
    certificates: HashMap<CertificateMatch, Arc<Registered>>,
}

#[derive(Clone)]
struct Entry {
    client: Arc<Client>,
    credentials: Arc<[Arc<Registered>]>,
}

impl Directory {
    /// Of these clients, after another directory of them. Of two credentials that look the same the
    /// first counts; whoever takes clients in has refused the second before.
    pub fn new(clients: impl IntoIterator<Item = Client>, before: Option<&Self>) -> Self {
        let mut directory = Self::default();
        for client in clients {
            directory.put(client, before);
        }
        directory
    }

    /// The same with this client, new or in another form.
    pub(super) fn with(&self, client: Client) -> Self {
        let mut next = self.without(&client.id);
        next.put(client, Some(self));
        next
    }

    /// The same without this client.
    pub(super) fn without(&self, id: &ClientId) -> Self {
        let mut next = self.clone();
        if let Some(entry) = next.clients.remove(id) {
            for registered in entry.credentials.iter() {
                next.forget(registered);
            }
        }
        next
    }

    fn put(&mut self, client: Client, before: Option<&Self>) {
        let before = before.and_then(|before| before.clients.get(&client.id));
        let entry = match before.filter(|before| *before.client == client) {
            Some(same) => same.clone(),
            None => Entry::new(client, before),
        };
        for registered in entry.credentials.iter() {
            self.index(registered);
        }
        self.clients.insert(entry.client.id.clone(), entry);
    }

    fn index(&mut self, registered: &Arc<Registered>) {
        let registered = Arc::clone(registered);
        match &registered.credential().proof {
            Proof::ApiKey { hash } => keep(&mut self.api_keys, *hash, registered),
            Proof::Basic { username, .. } => {
                keep(&mut self.usernames, Arc::clone(username), registered);
            }
            Proof::Hmac { key_id, .. } => {
                keep(&mut self.hmac_keys, Arc::clone(key_id), registered);
            }
            Proof::Jwt { key, .. } => keep(&mut self.jwt_keys, Arc::clone(key), registered),
            Proof::Mtls { certificate } => {
                keep(&mut self.certificates, certificate.clone(), registered);
            }
        }
    }

    fn forget(&mut self, registered: &Arc<Registered>) {
        match &registered.credential().proof {
            Proof::ApiKey { hash } => drop(self.api_keys.remove(hash)),
            Proof::Basic { username, .. } => drop(self.usernames.remove(username)),
            Proof::Hmac { key_id, .. } => drop(self.hmac_keys.remove(key_id)),
            Proof::Jwt { key, .. } => drop(self.jwt_keys.remove(key)),
            Proof::Mtls { certificate } => drop(self.certificates.remove(certificate)),
        }
    }

    /// The client of that name.
    pub fn client(&self, id: &ClientId) -> Option<&Arc<Client>> {
        self.clients.get(id).map(|entry| &entry.client)
    }

    /// All clients, in no order.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.values().map(|entry| &entry.client)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// The API key with this hash.
    pub fn api_key(&self, hash: &TokenHash) -> Option<&Arc<Registered>> {
        self.api_keys.get(hash)
    }

    /// The user name, as it was registered.
    pub fn username(&self, name: &str) -> Option<&Arc<Registered>> {
        self.usernames.get(name)
    }

    /// The key of signatures over requests.
    pub fn hmac_key(&self, id: &str) -> Option<&Arc<Registered>> {
        self.hmac_keys.get(id)
    }

    /// The key of tokens that clients sign.
    pub fn jwt_key(&self, key: &str) -> Option<&Arc<Registered>> {
        self.jwt_keys.get(key)
    }

    /// What a certificate is recognised by.
    pub fn certificate(&self, certificate: &CertificateMatch) -> Option<&Arc<Registered>> {
        self.certificates.get(certificate)
    }

    /// The credential that looks like this one.
    pub fn looking_like(&self, proof: &Proof) -> Option<&Arc<Registered>> {
        match proof {
            Proof::ApiKey { hash } => self.api_key(hash),
            Proof::Basic { username, .. } => self.username(username),
            Proof::Hmac { key_id, .. } => self.hmac_key(key_id),
            Proof::Jwt { key, .. } => self.jwt_key(key),
            Proof::Mtls { certificate } => self.certificate(certificate),
        }
    }

    /// The credentials of a client, in their order.
    pub fn credentials(&self, id: &ClientId) -> &[Arc<Registered>] {
        self.clients.get(id).map_or(&[], |entry| &entry.credentials)
    }

    /// Every credential, in no order.
    pub fn registered(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.clients.values().flat_map(|entry| entry.credentials.iter())
    }
}

impl Entry {
    fn new(client: Client, before: Option<&Self>) -> Self {
        let client = Arc::new(client);
        let one = |credential: &Credential| {
            let registered = Registered::new(&client, credential);
            let same = before.and_then(|before| before.named(&credential.id));
            if let Some(same) = same.filter(|same| same.credential().proof == credential.proof) {
                registered.take_over(same);
            }
            Arc::new(registered)
        };
        Self { credentials: client.credentials.iter().map(one).collect(), client }
    }

    fn named(&self, id: &CredentialId) -> Option<&Arc<Registered>> {
        self.credentials.iter().find(|registered| registered.credential().id == *id)
    }
}

fn keep<K: Hash + Eq>(map: &mut HashMap<K, Arc<Registered>>, key: K, registered: Arc<Registered>) {
    map.entry(key).or_insert(registered);
}

/// How many there are; what they are may be secret.
impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directory({} clients)", self.clients.len())
    }
}

#[cfg(test)]
mod tests {
    use symbolon_core::{OsRandom, PlainToken, TokenKind};

    use super::*;

    fn client(number: usize) -> Client {
        let hash = PlainToken::generate(TokenKind::ApiKey, &OsRandom).hash();
        let mut client = Client::new(format!("client-{number}").parse().unwrap());
        let (id, proof) = ("key".parse().unwrap(), Proof::ApiKey { hash });
        client.credentials.push(Credential { id, expires_at: None, proof });
        client
    }

    #[test]
    fn one_change_among_ten_thousand_clients_leaves_the_others_as_they_are() {
        let before = Directory::new((0..10_000).map(client), None);
        let id: ClientId = "client-7".parse().unwrap();
        let mut changed = Client::clone(before.client(&id).unwrap());
        changed.groups.push("staff".to_owned());
        let after = before.with(changed);
        assert_eq!((after.len(), after.registered().count()), (10_000, 10_000));
        let is_shared = |one: &&Arc<Registered>| {
            let two = after.credentials(&one.client().id).first();
            two.is_some_and(|two| Arc::ptr_eq(one, two))
        };
        assert_eq!(before.registered().filter(is_shared).count(), 9_999);
        let without = after.without(&id);
        assert_eq!((without.len(), without.api_keys.len()), (9_999, 9_999));
    }
}
