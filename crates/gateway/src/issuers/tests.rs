//! Keys fetched over real connections from servers that behave, and from those that do not.

mod lying;
mod server;

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::jwt::{Algorithm, Expected, JwtError, Unverified};
use tokio::sync::watch;

use super::{Issuers, NoKey};
use crate::config::issuers::{Issuer, KeyLocation, KeySource, RemoteKeys};
use server::{Server, Signer};

/// Long enough for anything on one machine, short enough to wait for.
const TIMEOUT: Duration = Duration::from_millis(500);
const INTERVAL: Duration = Duration::from_millis(100);

fn settings(issuer: &str, location: KeyLocation) -> Issuer {
    let remote = RemoteKeys {
        location,
        tls: None,
        timeout: TIMEOUT,
        refresh_after: Duration::from_mins(10),
        stale_if_error: Duration::from_hours(1),
        min_interval: INTERVAL,
    };
    Issuer {
        name: "partner".into(),
        issuer: issuer.into(),
        expected: Expected {
            issuer: Some(issuer.into()),
            audience: vec!["shop".into()],
            audience_may_be_missing: false,
            types: vec!["JWT".into()],
            leeway: Duration::ZERO,
            max_lifetime: None,
        },
        algorithms: vec![Algorithm::Es256],
        keys: KeySource::Remote(Box::new(remote)),
    }
}

/// An issuer whose keys are at `/jwks`, and what keeps it running.
struct Scene {
    server: Server,
    issuer: Arc<super::Issuer>,
    _issuers: Issuers,
    _running: watch::Sender<bool>,
}

impl Scene {
    fn of(server: Server, settings: Issuer) -> Self {
        let (issuers, keeper) = Issuers::new();
        let running = watch::Sender::new(false);
        tokio::spawn(keeper.run(running.subscribe()));
        let issuer = issuers.get(&Arc::new(settings));
        Self { server, issuer, _issuers: issuers, _running: running }
    }

    fn at_jwks(server: Server) -> Self {
        let location = KeyLocation::At(server.url("/jwks").parse().unwrap());
        Self::of(server, settings("https://issuer.example", location))
    }

    fn discovered(server: Server) -> Self {
        let issuer = server.url("");
        let location = KeyLocation::of_issuer(&issuer).unwrap();
        Self::of(server, settings(&issuer, location))
    }

    async fn judge(&self, token: &str) -> Result<(), NoKey> {
        let token = Unverified::parse(token).unwrap();
        let key = self.issuer.key(&token).await?;
        token.verify(&key).map(drop).map_err(NoKey::Token)
    }

    /// Lets the shortest time between two attempts pass.
    async fn interval(&self) {
        tokio::time::sleep(INTERVAL + Duration::from_millis(5)).await;
    }
}

fn unknown() -> Result<(), NoKey> {
    Err(NoKey::Token(JwtError::UnknownKey))
}

#[tokio::test]
async fn keys_are_fetched_once_however_many_wait() {
    let (server, signer) = (Server::start().await, Signer::new("1"));
    server.put("/jwks", &signer.jwks());
    let scene = Arc::new(Scene::at_jwks(server));
    let token = signer.token();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (scene, token) = (Arc::clone(&scene), token.clone());
        waiting.spawn(async move { scene.judge(&token).await });
    }
    assert!(waiting.join_all().await.iter().all(Result::is_ok));
    assert_eq!(scene.server.hits("/jwks"), 1);
}

#[tokio::test]
async fn new_key_is_fetched_when_a_token_names_it_and_the_old_one_is_gone() {
    let (server, old, new) = (Server::start().await, Signer::new("1"), Signer::new("2"));
    server.put("/jwks", &old.jwks());
    let scene = Scene::at_jwks(server);
    scene.judge(&old.token()).await.unwrap();
    scene.server.put("/jwks", &new.jwks());
    scene.interval().await;
    scene.judge(&new.token()).await.unwrap();
    assert_eq!(scene.judge(&old.token()).await, unknown());
}

#[tokio::test]
async fn made_up_key_ids_are_one_fetch_an_interval_at_most() {
    let (server, signer) = (Server::start().await, Signer::new("1"));
    server.put("/jwks", &signer.jwks());
    let scene = Arc::new(Scene::at_jwks(server));
    scene.judge(&signer.token()).await.unwrap();
    scene.interval().await;
    let before = tokio::time::Instant::now();
    let mut storm = tokio::task::JoinSet::new();
    for n in 0..200 {
        let (scene, token) = (Arc::clone(&scene), Signer::new(&format!("x{n}")).token());
        storm.spawn(async move { scene.judge(&token).await });
    }
    assert!(storm.join_all().await.iter().all(|outcome| *outcome == unknown()));
    let intervals = before.elapsed().as_millis() / INTERVAL.as_millis() + 2;
    assert!(scene.server.hits("/jwks") as u128 <= 1 + intervals);
}

#[tokio::test]
async fn known_keys_are_used_while_the_server_hangs_and_after_it_is_gone() {
    let (server, signer) = (Server::start().await, Signer::new("1"));
    server.put("/jwks", &signer.jwks());
    let scene = Arc::new(Scene::at_jwks(server));
    scene.judge(&signer.token()).await.unwrap();
    scene.server.hang("/jwks");
    scene.interval().await;
    // Somebody waits for a key that nobody has; nobody else does.
    let stranger = Signer::new("2").token();
    let waiting = tokio::spawn({
        let scene = Arc::clone(&scene);
        async move { scene.judge(&stranger).await }
    });
    scene.server.wait_for_hits("/jwks", 2).await;
    let token = signer.token();
    let known = tokio::time::timeout(TIMEOUT / 5, scene.judge(&token));
    assert_eq!(known.await, Ok(Ok(())));
    assert_eq!(waiting.await.unwrap(), unknown());
    assert_eq!(scene.judge(&signer.token()).await, Ok(()));
}

#[tokio::test]
async fn without_keys_nobody_is_judged_until_there_are_some() {
    let (server, signer) = (Server::start().await, Signer::new("1"));
    let scene = Scene::at_jwks(server);
    let Err(NoKey::Unavailable(why)) = scene.judge(&signer.token()).await else {
        panic!("no keys")
    };
    assert!(why.contains("`partner`") && why.contains("status 404"), "{why}");
    scene.server.put("/jwks", &signer.jwks());
    scene.interval().await;
    assert_eq!(scene.judge(&signer.token()).await, Ok(()));
}

#[tokio::test]
async fn stale_keys_count_for_as_long_as_was_said() {
    let (server, signer) = (Server::start().await, Signer::new("1"));
    server.put("/jwks", &signer.jwks());
    server.cache("/jwks", "max-age=0");
    let location = KeyLocation::At(server.url("/jwks").parse().unwrap());
    let mut settings = settings("https://issuer.example", location);
    let KeySource::Remote(remote) = &mut settings.keys else { panic!("fetched") };
    remote.stale_if_error = Duration::from_mins(1);
    let scene = Scene::of(server, settings);
    scene.judge(&signer.token()).await.unwrap();
    scene.server.fail("/jwks", 500);

    tokio::time::pause();
    tokio::time::advance(super::issuer::SHORTEST_FRESH + Duration::from_secs(59)).await;
    tokio::time::resume();
    assert_eq!(scene.judge(&signer.token()).await, Ok(()));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::time::resume();
    assert!(matches!(scene.judge(&signer.token()).await, Err(NoKey::Unavailable(_))));
}

#[tokio::test]
async fn whoever_waits_for_keys_because_the_old_ones_are_too_old_waits_for_an_attempt() {
    let (server, signer) = (Server::start().await, Signer::new("1"));
    server.put("/jwks", &signer.jwks());
    server.cache("/jwks", "max-age=0");
    let location = KeyLocation::At(server.url("/jwks").parse().unwrap());
    let mut settings = settings("https://issuer.example", location);
    let KeySource::Remote(remote) = &mut settings.keys else { panic!("fetched") };
    (remote.stale_if_error, remote.min_interval) = (Duration::ZERO, Duration::from_hours(1));
    remote.timeout = Duration::from_mins(1);
    let scene = Scene::of(server, settings);
    scene.judge(&signer.token()).await.unwrap();
    scene.server.fail("/jwks", 500);

    let pass = async |time: Duration| {
        tokio::time::pause();
        tokio::time::advance(time).await;
        tokio::time::resume();
    };
    // It fails until nobody tries for half a minute, unless somebody asks.
    for _ in 0..8 {
        pass(Duration::from_secs(31)).await;
        assert!(matches!(scene.judge(&signer.token()).await, Err(NoKey::Unavailable(_))));
    }
    scene.server.put("/jwks", &signer.jwks());
    pass(super::issuer::MIN_INTERVAL_WITHOUT_KEYS).await;
    let token = signer.token();
    let judged = tokio::time::timeout(Duration::from_secs(10), scene.judge(&token)).await;
    assert_eq!(judged, Ok(Ok(())));
}

#[tokio::test]
async fn issuer_is_kept_while_its_settings_are_the_same() {
    let (issuers, _keeper) = Issuers::new();
    let location = KeyLocation::At("https://a.example/jwks".parse().unwrap());
    let make = || Arc::new(settings("https://a.example", location.clone()));
    let one = issuers.get(&make());
    assert!(Arc::ptr_eq(&one, &issuers.get(&make())));
    let other = Issuer { name: "other".into(), ..settings("https://a.example", location.clone()) };
    assert!(!Arc::ptr_eq(&one, &issuers.get(&Arc::new(other))));
    drop(one);
    issuers.forget_unused();
    assert!(issuers.running.lock().is_empty());
}
