//! `api_key`: a client's key in the `apikey` header.

use std::sync::Arc;

use hashbrown::HashMap;
use symbolon_core::{TokenHash, TokenKind};

use super::{Answer, Identity};
use crate::snapshot::KnownClient;
use crate::stage::Presented;

pub(super) fn ask(
    presented: Presented<'_>,
    clients: &HashMap<TokenHash, Arc<KnownClient>>,
) -> Answer {
    let key = match presented.api_key() {
        Ok(Some(key)) => key,
        Ok(None) => return Answer::NotOffered,
        Err(()) => return Answer::Failed("several API keys"),
    };
    let Ok(hash) = TokenHash::of_presented(TokenKind::ApiKey, key) else {
        return Answer::Failed("malformed API key");
    };
    match clients.get(&hash) {
        Some(client) => Answer::Authenticated(Identity::Client(Arc::clone(client))),
        None => Answer::Failed("unknown API key"),
    }
}
