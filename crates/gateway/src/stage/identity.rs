//! Who makes a request, and how that was proved.

use std::sync::Arc;

use symbolon_core::{ClientId, Role};
use symbolon_store::{Known, LiveSession};

/// Who, and by which authenticator.
#[derive(Clone)]
pub(crate) enum Identity {
    /// Nobody was asked for, or nobody needs to be known.
    Anonymous,
    /// An end user with a session.
    Session { live: Arc<LiveSession>, by: SessionProof },
    /// Somebody without a session of ours.
    Known { known: Arc<Known>, by: Arc<str>, beside: Proofs },
    /// An end user with a session, and with another proof: of a client, or of nobody in particular.
    Both {
        live: Arc<LiveSession>,
        shown: SessionProof,
        known: Arc<Known>,
        by: Arc<str>,
        beside: Proofs,
    },
}

/// The proofs that went into a combined one. Each of them may end on its own.
pub(crate) type Proofs = Vec<Arc<Known>>;

/// How the token of a session came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionProof {
    Cookie,
    Bearer,
}

impl SessionProof {
    /// The authenticator's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cookie => "session",
            Self::Bearer => "bearer",
        }
    }
}

impl Identity {
    /// The session, where there is one.
    pub(crate) fn session(&self) -> Option<&Arc<LiveSession>> {
        match self {
            Self::Session { live, .. } | Self::Both { live, .. } => Some(live),
            Self::Anonymous | Self::Known { .. } => None,
        }
    }

    /// What is known without a session, where there is something.
    pub(crate) fn known(&self) -> Option<&Arc<Known>> {
        match self {
            Self::Known { known, .. } | Self::Both { known, .. } => Some(known),
            Self::Anonymous | Self::Session { .. } => None,
        }
    }

    /// How the token of the session came, where there is one.
    pub(crate) fn session_proof(&self) -> Option<SessionProof> {
        match self {
            Self::Session { by: shown, .. } | Self::Both { shown, .. } => Some(*shown),
            Self::Anonymous | Self::Known { .. } => None,
        }
    }

    /// Whose word it is who this is, where it is somebody outside. Who said no name said nothing.
    pub(crate) fn issuer(&self) -> Option<&str> {
        let known = self.known().filter(|known| known.is_somebody());
        known.and_then(|known| known.issuer.as_deref())
    }

    /// Everything but a session that it rests on.
    pub(crate) fn proofs(&self) -> impl Iterator<Item = &Arc<Known>> {
        let beside: &[Arc<Known>] = match self {
            Self::Known { beside, .. } | Self::Both { beside, .. } => beside,
            Self::Anonymous | Self::Session { .. } => &[],
        };
        self.known().into_iter().chain(beside)
    }

    /// The end user.
    pub(crate) fn subject(&self) -> Option<&str> {
        match self.session() {
            Some(live) => Some(live.session.subject.as_str()),
            None => self.known().and_then(|known| known.subject.as_deref()),
        }
    }

    /// The client that acts, for itself or for the end user.
    pub(crate) fn client(&self) -> Option<&ClientId> {
        let known = self.known().and_then(|known| known.client.as_ref());
        known.or_else(|| self.session().and_then(|live| live.session.client.as_ref()))
    }

    /// The principal's name: the end user's, or else the client's.
    pub(crate) fn principal(&self) -> Option<&str> {
        self.subject().or_else(|| self.client().map(ClientId::as_str))
    }

    /// Roles: the end user's where there is one, and not those of the client it works with.
    pub(crate) fn roles(&self) -> &[Role] {
        match (self.session(), self.known()) {
            (Some(live), _) => &live.session.authorization.roles,
            (None, Some(known)) => &known.roles,
            (None, None) => &[],
        }
    }

    /// Groups, of the same principal.
    pub(crate) fn groups(&self) -> &[String] {
        match (self.session(), self.known()) {
            (Some(live), _) => &live.session.authorization.groups,
            (None, Some(known)) => &known.groups,
            (None, None) => &[],
        }
    }

    /// Scopes, of the same principal.
    pub(crate) fn scopes(&self) -> &[String] {
        match (self.session(), self.known()) {
            (Some(live), _) => &live.session.authorization.scopes,
            (None, Some(known)) => &known.scopes,
            (None, None) => &[],
        }
    }

    /// The authenticator that proved it, in the words of the configuration.
    pub(crate) fn authenticator(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Session { by, .. } => Some(by.name()),
            Self::Known { by, .. } | Self::Both { by, .. } => Some(by),
        }
    }

    /// What two authenticators proved together.
    ///
    /// # Errors
    /// Where they speak of different people, or of different clients.
    pub(crate) fn and(&self, other: &Self) -> Result<Self, &'static str> {
        let differ = |one: Option<&str>, two: Option<&str>| matches!((one, two), (Some(one), Some(two)) if one != two);
        if differ(self.subject(), other.subject()) {
            return Err("the credentials are of two people");
        }
        let names = (self.client().map(ClientId::as_str), other.client().map(ClientId::as_str));
        if differ(names.0, names.1) {
            return Err("the credentials are of two clients");
        }
        // Each of them could end without the other.
        if let (Some(one), Some(two)) = (self.session(), other.session())
            && one.session.id != two.session.id
        {
            return Err("the credentials are of two sessions");
        }
        let by = format!(
            "{}+{}",
            self.authenticator().unwrap_or_default(),
            other.authenticator().unwrap_or_default()
        );
        let session = self.session().or(other.session()).cloned();
        // One that came both ways needed no browser.
        let shown = match (self.session_proof(), other.session_proof()) {
            (Some(one), Some(two)) if one != two => SessionProof::Bearer,
            (one, two) => one.or(two).unwrap_or(SessionProof::Bearer),
        };
        let known = match (self.known(), other.known()) {
            (Some(one), Some(two)) => Some(merge(one, two)),
            (one, two) => one.or(two).cloned(),
        };
        let by = by.into();
        let is_beside =
            |proof: &&Arc<Known>| !known.as_ref().is_some_and(|it| Arc::ptr_eq(it, proof));
        let beside = self.proofs().chain(other.proofs()).filter(is_beside).cloned().collect();
        Ok(match (session, known) {
            (Some(live), Some(known)) => Self::Both { live, shown, known, by, beside },
            (None, Some(known)) => Self::Known { known, by, beside },
            (Some(live), None) => Self::Session { live, by: shown },
            (None, None) => Self::Anonymous,
        })
    }
}

/// Two proofs of one principal. Where both are of the same client alone, either says it all, and
/// keeps the tokens that were made of it, as does one beside which the other says nothing; else
/// what one does not know, the other does.
fn merge(one: &Arc<Known>, two: &Arc<Known>) -> Arc<Known> {
    let says_nothing = |known: &Known| !known.is_somebody() && known.headers.is_empty();
    if says_nothing(one) || says_nothing(two) {
        return Arc::clone(if says_nothing(one) { two } else { one });
    }
    let is_client = |known: &Known| {
        known.subject.is_none() && known.client.is_some() && known.headers.is_empty()
    };
    if is_client(one) && is_client(two) {
        // The one that ends first, so that nothing that is made of it lives longer.
        let ends_first = match (one.expires_at, two.expires_at) {
            (Some(first), Some(second)) => first <= second,
            (first, _) => first.is_some(),
        };
        return Arc::clone(if ends_first { one } else { two });
    }
    // Whoever says more of the end user, or else of the client, is asked about the principal.
    let rank = |known: &Known| (known.subject.is_some(), known.client.is_some());
    let (user, other) = if rank(one) >= rank(two) { (one, two) } else { (two, one) };
    let client = if other.client.is_some() { other } else { user };
    let expires_at = [one.expires_at, two.expires_at].into_iter().flatten().min();
    Arc::new(Known {
        subject: user.subject.clone(),
        client: client.client.clone(),
        custom_id: client.custom_id.clone(),
        credential: client.credential.clone(),
        credential_digest: client.credential_digest,
        is_token: client.is_token,
        shown: client.shown.clone(),
        issuer: user.issuer.clone(),
        roles: user.roles.clone(),
        groups: user.groups.clone(),
        scopes: user.scopes.clone(),
        labels: client.labels.clone(),
        acr: user.acr.clone(),
        amr: methods(user, other),
        auth_time: user.auth_time,
        expires_at,
        claims: user.claims.clone(),
        headers: one.headers.iter().chain(&two.headers).cloned().collect(),
        internal_tokens: symbolon_store::MintedTokens::default(),
    })
}

/// What both did to authenticate, each method once.
fn methods(one: &Known, two: &Known) -> Vec<String> {
    let further = two.amr.iter().filter(|method| !one.amr.contains(method));
    one.amr.iter().chain(further).cloned().collect()
}

/// Names only what is public.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?} by {:?})", self.principal(), self.authenticator())
    }
}
