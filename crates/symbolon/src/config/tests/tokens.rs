//! Issuers, keys of clients, and where tokens are looked for: what is refused, and what holds
//! where nothing is said.

use std::time::Duration;

use symbolon_gateway::config::authenticators::{AuthenticatorKind, Jwt};
use symbolon_gateway::config::{Authenticate, Route};

use super::{MINIMAL, load, mistakes};

/// The one mistake in the sections behind a file that has none.
fn mistake(sections: &str) -> String {
    let told = mistakes(&format!("{MINIMAL}{sections}"));
    assert_eq!(told.len(), 1, "{told:?}");
    told[0].split_once(' ').unwrap().1.to_owned()
}

fn jwt(text: &str) -> Jwt {
    let loaded = load(text).unwrap();
    let is_it = |route: &&Route| &*route.name == "r";
    let route = loaded.settings.gateway.routing.routes.into_iter().find(|route| is_it(&route));
    let Authenticate::Chain { chain, .. } = route.unwrap().authenticate else { panic!("a chain") };
    match &chain.authenticators()[0].kind {
        AuthenticatorKind::Jwt(jwt) => (**jwt).clone(),
        other => panic!("{other:?}"),
    }
}

fn with_route(authenticate: &str, sections: &str) -> String {
    format!(
        "public_url: https://a.example\n\
         services: {{ s: {{ targets: [http://127.0.0.1:1] }} }}\n\
         routes: [{{ name: r, paths: [/], service: s, authenticate: [{authenticate}] }}]\n\
         {sections}"
    )
}

const ISSUERS: &str = "issuers:\n  \
    one: { issuer: http://127.0.0.1:1, audience: a, algorithms: [ES256] }\n  \
    two: { issuer: http://127.0.0.1:2, audience: [a, b], algorithms: [RS256, ES256] }\n";

#[test]
fn tokens_are_strict_and_bearer_only_where_nothing_is_said() {
    let jwt = jwt(&with_route("jwt", ISSUERS));
    assert!(jwt.authorization && jwt.hide_credentials && jwt.client_tokens);
    assert!(jwt.places().is_empty());
    assert_eq!((jwt.claims.roles, jwt.claims.groups), (None, None));
    assert_eq!(jwt.issuers.len(), 2);
    for issuer in &jwt.issuers {
        assert_eq!(issuer.expected.types, ["JWT", "at+jwt"]);
        assert_eq!(issuer.expected.leeway, Duration::from_secs(5));
        assert!(!issuer.expected.audience_may_be_missing);
    }
    let expected = jwt.client_keys.unwrap().expected;
    assert_eq!(expected.audience, ["https://a.example"]);
    assert!(expected.audience_may_be_missing);
}

#[test]
fn issuers_are_those_that_are_named() {
    let section = "authenticators: { some: { jwt: { issuers: [two], audience: machines } } }\n";
    let jwt = jwt(&with_route("some", &format!("{ISSUERS}{section}")));
    assert_eq!(&*jwt.issuers[0].name, "two");
    assert_eq!(jwt.issuers.len(), 1);
    let expected = jwt.client_keys.unwrap().expected;
    assert_eq!(expected.audience, ["machines"]);
    assert!(!expected.audience_may_be_missing);
    let told =
        mistake(&format!("{ISSUERS}authenticators: {{ x: {{ jwt: {{ issuers: [on] }} }} }}\n"));
    assert_eq!(told, "unknown issuer `on`");
}

#[test]
fn issuer_that_cannot_be_one_is_refused() {
    let issuer = |keys: &str| {
        mistake(&format!("issuers: {{ x: {{ audience: a, algorithms: [ES256], {keys} }} }}\n"))
    };
    let own = "is this system itself";
    assert!(issuer("issuer: https://a.example").ends_with(own));
    assert!(issuer("issuer: https://a.example/auth/internal").ends_with(own));
    assert!(issuer("issuer: http://login.example").contains("http:// is for addresses of this"));
    assert!(issuer("issuer: partner").contains("it is not an https:// address"));
    assert!(issuer("issuer: p, jwks_uri: http://k.example").contains("of this machine only"));
    let both = "issuer: p, jwks_uri: http://127.0.0.1:1/, jwks_file: x";
    assert!(issuer(both).contains("exclude each other"));
    assert!(issuer("issuer: p, jwks_file: tls/site.pem").contains("not a JWK set"));
    assert!(issuer("issuer: http://127.0.0.1:1, leeway: 6m").contains("to 5m, not `6m`"));
    let hmac = "issuers: { x: { issuer: http://127.0.0.1:1, audience: a, algorithms: [HS256] } }\n";
    assert!(mistake(hmac).contains("must be one of"), "{}", mistake(hmac));
    let twice = ISSUERS.replace("127.0.0.1:2", "127.0.0.1:1");
    assert!(mistake(&twice).contains("is another issuer above"));
}

#[test]
fn key_that_cannot_be_one_is_refused() {
    let credential = |keys: &str| {
        let jwt = format!("{{ jwt: {{ key: k, {keys} }} }}");
        mistake(&format!("clients: {{ robot: {{ credentials: [{jwt}] }} }}\n"))
    };
    let short = "algorithm: HS512, secret_env: ROBOT_PASSWORD";
    assert!(credential(short).contains("64 bytes at least"), "{}", credential(short));
    let none = "algorithm: ES256, public_key_file: tls/site.pem";
    assert!(credential(none).contains("neither a public key in PEM nor a JWK"));
    let private = "algorithm: ES256, public_key_file: tls/site.key";
    assert!(credential(private).contains("it is a private key"), "{}", credential(private));
    assert!(credential("algorithm: ES256").contains("needs a `public_key_file`"));
    assert!(credential("algorithm: HS256").contains("either `secret_file` or `secret_env`"));
    let public = "algorithm: HS256, public_key_file: tls/site.pem";
    assert!(credential(public).contains("has no public key"));
    assert!(credential("algorithm: none, secret_env: ROBOT_PASSWORD").contains("must be one of"));
}

#[test]
fn tokens_must_be_looked_for_somewhere() {
    let told = mistake("authenticators: { x: { jwt: { authorization: false } } }\n");
    assert!(told.ends_with("must look for tokens somewhere"), "{told}");
    let told = mistake("authenticators: { x: { jwt: { header: authorization } } }\n");
    assert!(told.contains("cannot be the header of a token"), "{told}");
}
