//! The gateway with a client `robot` that has keys of its own, and an outside issuer `partner`.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::key_server::{KeyServer, Says};
use super::signer::{SECRET, Signer, hs256, now};
use crate::harness::http::{Request, Response};
use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::symbolon::Symbolon;
use crate::harness::upstream::Upstream;

/// What the tests ask for.
pub(super) const TOKENS: &str = "/tokens";

const ROUTES: &str = "
  - { name: tokens, paths: [/tokens], service: api, authenticate: [jwt] }
  - { name: shared, paths: [/shared], service: api, authenticate: [bearer, jwt] }
  - { name: anywhere, paths: [/anywhere], service: api, authenticate: [anywhere] }
  - { name: seen, paths: [/seen], service: api, authenticate: [seen] }
  - { name: strict, paths: [/strict], service: api, authenticate: [strict] }
  - { name: ours, paths: [/ours], service: api, authenticate: [ours] }
  - { name: keys, paths: [/keys], service: api, authenticate: [api_key] }";

pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) folder: TempDir,
    /// The outside issuer's server and key.
    pub(super) server: KeyServer,
    pub(super) partner: Signer,
    /// The key of the client `robot`.
    pub(super) robot: Signer,
    /// Its API key.
    pub(super) api_key: String,
    settings: Settings,
}

impl Scene {
    /// The issuer behaves.
    pub(super) fn new() -> Self {
        let partner = Signer::new("1");
        let server = KeyServer::start(Says::Keys(partner.jwks()));
        Self::with(server, partner, "")
    }

    /// The issuer as the test wants it, with further settings of it.
    pub(super) fn with(server: KeyServer, partner: Signer, further: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let (robot, api_key) = (Signer::new("robot"), Symbolon::new_key());
        fs::write(folder.path().join("robot.pem"), robot.pem()).unwrap();
        fs::write(folder.path().join("robot.secret"), SECRET).unwrap();
        fs::write(folder.path().join("robot.key"), &api_key).unwrap();
        let settings = Settings {
            sections: sections(&folder, &server, further, CREDENTIALS),
            routes: ROUTES.to_owned(),
            api: ", identity_headers: { x-mail: claim.email, x-city: claim.address.city }"
                .to_owned(),
            ..Settings::default()
        };
        let stage = Stage::set(&settings, Upstream::plain());
        Self { stage, folder, server, partner, robot, api_key, settings }
    }

    /// Writes the configuration anew, with other credentials of `robot`.
    pub(super) fn change_credentials(&mut self, credentials: &str) {
        let before = sections(&self.folder, &self.server, "", CREDENTIALS);
        let after = sections(&self.folder, &self.server, "", credentials);
        let text = self.settings.sections.replace(&before, &after);
        assert_ne!(text, self.settings.sections);
        let (api, other) = (self.stage.api.address, self.stage.other.address);
        let settings = Settings {
            sections: text,
            routes: self.settings.routes.clone(),
            api: self.settings.api.clone(),
            ..Settings::default()
        };
        self.stage.symbolon.write_config(&settings.yaml(api, other));
        self.settings = settings;
        self.stage
            .symbolon
            .log()
            .wait_for("the reload", |line| line.contains("configuration reloaded").then_some(()));
    }

    pub(super) fn show(&self, token: &str) -> Response {
        self.show_at(TOKENS, token)
    }

    pub(super) fn show_at(&self, target: &str, token: &str) -> Response {
        let request = Request::get(target).with("Authorization", &format!("Bearer {token}"));
        self.stage.exchange(&request)
    }

    /// What becomes of a token that is not good: 401, a code, and nothing at the service.
    #[track_caller]
    pub(super) fn refused(&self, token: &str) -> String {
        self.refused_at(TOKENS, token)
    }

    #[track_caller]
    pub(super) fn refused_at(&self, target: &str, token: &str) -> String {
        let before = self.stage.api.hits();
        let answer = self.show_at(target, token).expect(401);
        let challenge = answer.header("www-authenticate").unwrap().to_owned();
        assert!(challenge.starts_with("Bearer realm=\"symbolon\""), "{challenge}");
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        assert_eq!(self.stage.api.hits(), before, "the service saw it");
        answer.json()["reason"].as_str().unwrap().to_owned()
    }

    /// Good claims of the outside issuer.
    pub(super) fn partner_claims(&self) -> Value {
        json!({
            "iss": self.server.issuer(), "aud": "shop", "sub": "alice",
            "iat": now(), "exp": now() + 60,
        })
    }

    /// A good token of the outside issuer.
    pub(super) fn partner_token(&self) -> String {
        self.partner.token(&self.partner_claims())
    }

    /// A good token of `robot`, under its shared secret.
    pub(super) fn robot_token() -> String {
        hs256(SECRET.as_bytes(), &robot_claims())
    }
}

/// Good claims of `robot`.
pub(super) fn robot_claims() -> Value {
    json!({ "iss": "robot-hs", "exp": now() + 60 })
}

/// What `robot` has, where nothing else is said.
pub(super) const CREDENTIALS: &str = "
      - jwt: { key: robot-hs, algorithm: HS256, secret_file: \"KEYS/robot.secret\" }
      - jwt: { key: robot-es, algorithm: ES256, public_key_file: \"KEYS/robot.pem\" }
      - api_key: { secret_file: \"KEYS/robot.key\" }";

fn sections(folder: &TempDir, server: &KeyServer, further: &str, credentials: &str) -> String {
    let text = format!(
        "issuers:
  partner:
    issuer: {}
    audience: shop
    algorithms: [ES256]
    timeout: 500ms
    min_refetch_interval: 100ms{further}
authenticators:
  anywhere: {{ jwt: {{ header: partner-pass, query: jwt, cookie: jwt }} }}
  seen: {{ jwt: {{ header: partner-pass, cookie: jwt, hide_credentials: false, client_tokens: false }} }}
  strict: {{ jwt: {{ issuers: [], audience: machines, max_lifetime: 60s, leeway: 0s, typ: at+jwt }} }}
  ours:
    jwt:
      client_keys: false
      issuers: [partner]
      claims: {{ roles: realm_access.roles, groups: \"https://a.example/groups\", scopes: scp }}
clients:
  robot:
    groups: [machines]
    roles: [reader]
    credentials:{credentials}",
        server.issuer(),
    );
    text.replace("KEYS", folder.path().to_str().unwrap())
}
