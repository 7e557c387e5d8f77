//! A gateway that knows some keys, and somebody who signs with them. Nothing here comes from the
//! code under test: what is signed is written down once more.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::harness::http::{Request, Response};
use crate::harness::http2::Service;
use crate::harness::settings::{HOST, Settings};
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;
use crate::harness::{program, python};

/// The shared secret of `alice`, of the client `reporting`.
pub(super) const SECRET: &str = "a secret of thirty-two characters";

/// Authenticators that differ from the defaults in one thing each, and a route for each of them.
const AUTHENTICATORS: [(&str, &str); 8] = [
    ("dated", "required_components: []"),
    ("wide", "required_components: [], clock_skew: 15m"),
    ("typed", "required_components: [\"@method\", content-type]"),
    ("loose", "validate_body: false"),
    ("again", "refuse_replays: false"),
    ("direct", "buffer_body: 0B"),
    ("rfc", "forms: [message_signature], tag: shop"),
    ("shown", "hide_credentials: false"),
];

/// The gateway, the service `api` behind it, and the keys of its clients.
pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) ed25519: Ed25519KeyPair,
    pub(super) p256: EcdsaKeyPair,
    pub(super) p384: EcdsaKeyPair,
    pub(super) folder: TempDir,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::with(Upstream::plain())
    }

    pub(super) fn with(api: Upstream) -> Self {
        Self::set(api, |settings, _| settings)
    }

    /// With a service `two` that speaks HTTP/2, behind `/two`.
    pub(super) fn before(service: &Service) -> Self {
        let address = service.address;
        Self::set(Upstream::plain(), |mut settings, _| {
            settings.services = format!(
                "  two: {{ targets: [http://{address}], protocol: h2, timeouts: {{ connect: 20s }} }}"
            );
            settings.routes +=
                "  - { name: two, paths: [/two], service: two, authenticate: [direct] }\n";
            settings
        })
    }

    /// With a client `signers`, whose private keys are files beside the public ones: keys that
    /// another language made and reads.
    pub(super) fn with_signers() -> Self {
        Self::set(Upstream::plain(), |mut settings, folder| {
            let mut command = python::script("rfc9421_client.py");
            let made = program::run(command.arg("keys").arg(folder), "");
            assert!(made.status.success(), "{made:?}");
            settings.sections += "\n  signers:\n    credentials:";
            for (key, file, keys) in [
                ("signer-ed25519", "signer-ed25519", ""),
                ("signer-p256", "signer-p256", ""),
                ("signer-rsa", "signer-rsa", ""),
                ("signer-rsa-v1_5", "signer-rsa", ", algorithms: [rsa-v1_5-sha256]"),
            ] {
                let file = folder.join(file).with_extension("pem");
                write!(
                    settings.sections,
                    "\n      - hmac: {{ key_id: {key}, public_key_file: \"{}\"{keys} }}",
                    file.display()
                )
                .unwrap();
            }
            settings
        })
    }

    fn set(api: Upstream, change: impl FnOnce(Settings, &Path) -> Settings) -> Self {
        let folder = TempDir::new().unwrap();
        let ed25519 = Ed25519KeyPair::generate().unwrap();
        let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        fs::write(folder.path().join("secret"), SECRET).unwrap();
        let public = [
            ("ed25519", spki(ED25519, ed25519.public_key().as_ref())),
            ("p256", spki(P256, p256.public_key().as_ref())),
            ("p384", spki(P384, p384.public_key().as_ref())),
        ];
        for (name, pem) in public {
            fs::write(folder.path().join(name), pem).unwrap();
        }
        let settings = change(settings(&folder), folder.path());
        Self { stage: Stage::set(&settings, api), ed25519, p256, p384, folder }
    }

    /// The time at the gateway, so many seconds from now.
    pub(super) fn date(&self, shift: i64) -> String {
        let answer = self.stage.exchange(&Request::get("/public/time"));
        let now = httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
        let distance = Duration::from_secs(shift.unsigned_abs());
        httpdate::fmt_http_date(if shift < 0 { now - distance } else { now + distance })
    }

    /// The same in seconds since the epoch.
    pub(super) fn created(&self, shift: i64) -> u64 {
        let date = httpdate::parse_http_date(&self.date(shift)).unwrap();
        date.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
    }

    /// How the gateway answers, and whether the service heard of it.
    #[track_caller]
    pub(super) fn ask(&self, request: &Request) -> (Response, bool) {
        let before = self.stage.api.hits();
        let answer = self.stage.exchange(request);
        (answer, self.stage.api.hits() > before)
    }

    /// It reaches the service as a client's.
    #[track_caller]
    pub(super) fn takes(&self, request: &Request) {
        let (answer, is_heard) = self.ask(request);
        answer.expect(200);
        assert!(is_heard);
        let received = self.stage.api.last_request();
        assert_eq!(received.claims()["client_id"], "reporting");
    }

    /// It is refused for this reason, and the service hears nothing of it.
    #[track_caller]
    pub(super) fn refuses(&self, request: &Request, reason: &str) {
        let (answer, is_heard) = self.ask(request);
        let answer = answer.expect(401);
        assert!(!is_heard, "{request:?}");
        assert_eq!(answer.json()["reason"], reason, "{answer:?}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("realm=\"symbolon\""), "{challenge}");
    }
}

fn settings(folder: &TempDir) -> Settings {
    let folder = folder.path().display();
    let mut authenticators = String::new();
    let mut routes = "
  - { name: signed, paths: [/signed], service: api, authenticate: [hmac] }
  - { name: either, paths: [/either], service: api, authenticate: [session, hmac] }
  - { name: small, paths: [/small], service: api, authenticate: [hmac], max_body: 1KiB }
"
    .to_owned();
    for (name, differs) in AUTHENTICATORS {
        writeln!(authenticators, "  {name}: {{ hmac: {{ {differs} }} }}").unwrap();
        writeln!(
            routes,
            "  - {{ name: {name}, paths: [/{name}], service: api, authenticate: [{name}] }}"
        )
        .unwrap();
    }
    Settings {
        sections: format!(
            "authenticators:
{authenticators}
clients:
  reporting:
    credentials:
      - hmac: {{ key_id: alice, secret_file: \"{folder}/secret\" }}
      - hmac: {{ key_id: old, secret_file: \"{folder}/secret\", algorithms: [hmac-sha1] }}
      - hmac: {{ key_id: new, secret_file: \"{folder}/secret\", algorithms: [hmac-sha512] }}
      - hmac: {{ key_id: ed25519, public_key_file: \"{folder}/ed25519\" }}
      - hmac: {{ key_id: p256, public_key_file: \"{folder}/p256\" }}
      - hmac: {{ key_id: p384, public_key_file: \"{folder}/p384\" }}
      - hmac: {{ key_id: past, secret_file: \"{folder}/secret\" }}
        expires_at: 2020-01-01T00:00:00Z
  gone:
    enabled: false
    credentials:
      - hmac: {{ key_id: gone, secret_file: \"{folder}/secret\" }}"
        ),
        routes,
        ..Settings::default()
    }
}

/// How a public key begins in DER (RFC 5280 section 4.1.2.7).
const ED25519: &str = "302a300506032b6570032100";
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const P384: &str = "3076301006072a8648ce3d020106052b81040022036200";

fn spki(prefix: &str, key: &[u8]) -> String {
    let digits: Vec<u8> = prefix.bytes().collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let der: Vec<u8> = digits.chunks(2).map(byte).chain(key.iter().copied()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

/// An HMAC under the secret, in base64.
pub(super) fn mac(algorithm: hmac::Algorithm, text: &str) -> String {
    mac_under(SECRET, algorithm, text)
}

pub(super) fn mac_under(secret: &str, algorithm: hmac::Algorithm, text: &str) -> String {
    let key = hmac::Key::new(algorithm, secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

/// Kong's header for these names of headers, over these lines.
pub(super) fn kong(headers: &str, lines: &str) -> String {
    let signature = mac(hmac::HMAC_SHA256, lines);
    format!(
        "hmac username=\"alice\", algorithm=\"hmac-sha256\", headers=\"{headers}\", \
         signature=\"{signature}\""
    )
}

/// A request as a client of Kong signs it: date and request line.
pub(super) fn kong_request(method: &str, target: &str, date: &str) -> Request {
    let lines = format!("date: {date}\n{method} {target} HTTP/1.1");
    Request::new(method, target)
        .with("Date", date)
        .with("Authorization", &kong("date request-line", &lines))
}

/// The lines of RFC 9421 over these components, for a key, and the value of `Signature-Input`.
pub(super) struct Message {
    pub(super) input: String,
    pub(super) base: String,
}

impl Message {
    /// Of components with their values, and parameters as they are written.
    pub(super) fn new(components: &[(&str, &str)], parameters: &str) -> Self {
        let names: Vec<_> = components.iter().map(|(name, _)| *name).collect();
        let input = format!("({}){parameters}", names.join(" "));
        let mut base = String::new();
        for (name, value) in components {
            writeln!(base, "{name}: {value}").unwrap();
        }
        write!(base, "\"@signature-params\": {input}").unwrap();
        Self { input, base }
    }

    /// Method and whole address of a `GET`.
    pub(super) fn get(target: &str, parameters: &str) -> Self {
        let address = format!("http://{HOST}{target}");
        Self::new(&[("\"@method\"", "GET"), ("\"@target-uri\"", &address)], parameters)
    }

    /// The request with a signature.
    pub(super) fn on(&self, request: Request, signature: &[u8]) -> Request {
        request
            .with("Signature-Input", &format!("sig1={}", self.input))
            .with("Signature", &format!("sig1=:{}:", STANDARD.encode(signature)))
    }

    /// The request with an HMAC.
    pub(super) fn signed(&self, request: Request) -> Request {
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        self.on(request, hmac::sign(&key, self.base.as_bytes()).as_ref())
    }
}

/// An ECDSA signature.
pub(super) fn ecdsa(key: &EcdsaKeyPair, text: &str) -> Vec<u8> {
    key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec()
}

/// The digest of a body, as `Digest` and as `Content-Digest` write it.
pub(super) fn digests(body: &[u8]) -> (String, String) {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
    let text = STANDARD.encode(digest);
    (format!("SHA-256={text}"), format!("sha-256=:{text}:"))
}
