//! Authenticators that could never be asked.

use super::{load, mistakes};

const SECTIONS: &str = "issuers:
  one: { issuer: http://127.0.0.1:1, audience: a, algorithms: [ES256] }
  two: { issuer: http://127.0.0.1:2, audience: a, algorithms: [ES256] }
authenticators:
  guard: { forward: { url: http://127.0.0.1:1 } }
  agent: { forward: { url: http://127.0.0.1:1, form: opa } }
  corporate: { ldap: { url: ldap://127.0.0.1, user_dn: \"uid={username},dc=a\" } }
  kong: { ldap: { url: ldap://127.0.0.1, schemes: [ldap, basic], user_dn: \"uid={username},dc=a\" } }
  key: { api_key: { header: apikey } }
  wide: { api_key: { header: apikey, query: apikey } }
  cookie: { api_key: { header: null, cookie: apikey } }
  first: { jwt: { issuers: [one], client_keys: false } }
  second: { jwt: { issuers: [two], client_keys: false } }
  elsewhere: { jwt: { issuers: [two], client_keys: false, authorization: false, header: x-token } }
  token: { introspection: { url: http://127.0.0.1:1, client_id: a, client_secret_env: ROBOT_PASSWORD, audience: a } }
  other: { introspection: { url: http://127.0.0.1:2, client_id: a, client_secret_env: ROBOT_PASSWORD, audience: a } }
  old: { hmac: { forms: [kong] } }
  older: { hmac: { forms: [kong, apisix] } }
";

fn route(authenticate: &str) -> String {
    format!(
        "public_url: https://a.example\nservices: {{ s: {{ targets: [http://127.0.0.1:1] }} }}\n\
         routes: [{{ name: r, paths: [/], service: s, authenticate: {authenticate} }}]\n{SECTIONS}"
    )
}

#[test]
fn what_is_never_asked_is_refused() {
    let rows = [
        ("[guard, session]", "`session` is never asked: `guard` before it decides"),
        ("[guard, agent]", "`agent` is never asked: `guard` before it decides"),
        ("{ any: [{ any: [api_key, guard] }, session] }", "`session` is never asked: `guard`"),
        ("{ any: [{ all: [guard, agent] }, session] }", "`session` is never asked: `guard`"),
        ("{ all: [bearer, { any: [guard, session] }] }", "`session` is never asked: `guard`"),
        ("[basic, corporate]", "`corporate` is never asked: `basic` before it takes all"),
        ("[kong, basic]", "`basic` is never asked: `kong` before it takes all"),
        ("[corporate, session, basic]", "`basic` is never asked: `corporate`"),
        ("{ any: [{ all: [basic, session] }, corporate] }", "`corporate` is never asked"),
        ("[api_key, key]", "`key` is never asked: `api_key`"),
        ("[wide, key]", "`key` is never asked: `wide`"),
        ("[first, second]", "`second` is never asked: `first`"),
        ("[token, other]", "`other` is never asked: `token`"),
        ("[older, old]", "`old` is never asked: `older`"),
        ("{ any: [guard], optional: true }", "`optional` does nothing: `guard` decides"),
    ];
    for (authenticate, message) in rows {
        let told = mistakes(&route(authenticate));
        assert!(told.len() == 1 && told[0].contains(message), "{authenticate}: {told:?}");
    }
}

#[test]
fn certificates_have_to_come_from_somewhere() {
    let handed = "handed: { mtls: { from: client_cert_header } }";
    let route = |authenticate: &str| {
        route(authenticate).replace("  guard:", &format!("  {handed}\n  guard:"))
    };
    for (authenticate, message) in [
        ("[session, mtls]", "`mtls` is never shown a certificate: no listener has"),
        ("{ all: [api_key, handed] }", "`handed` is never shown a certificate: there are no"),
    ] {
        let told = mistakes(&route(authenticate));
        assert!(told.len() == 1 && told[0].contains(message), "{authenticate}: {told:?}");
    }
    let proxied = format!("{}trusted_proxies: [10.0.0.0/8]\n", route("[session, handed]"));
    assert!(load(&proxied).is_ok());
}

#[test]
fn what_is_asked_sometimes_is_not() {
    for authenticate in [
        "[session, guard]",
        "{ any: [{ all: [session, guard] }, api_key] }",
        "{ all: [session, guard], optional: true }",
        "{ all: [guard, agent] }",
        "{ all: [basic, guard] }",
        "[basic, kong]",
        "[key, wide]",
        "[key, cookie]",
        "[first, elsewhere]",
        "[jwt, token, bearer]",
        "[token, jwt, bearer]",
        "[bearer, jwt, token]",
        "[old, older]",
        "{ any: [{ all: [session, api_key] }, basic] }",
    ] {
        assert!(load(&route(authenticate)).is_ok(), "{authenticate}");
    }
}
