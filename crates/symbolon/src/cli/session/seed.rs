//! `symbolon session seed`: many live sessions at once, so that a full store can be measured. They
//! are as good as others, so that the audit log says first who made them, whose and how many.

use std::fmt::Write as _;
use std::sync::Arc;

use rustix::process::getuid;
use symbolon_core::audit::{Actor, By, Kind, Record};
use symbolon_core::session::{Authentication, Device, SessionData};
use symbolon_core::{
    Generation, OsRandom, PlainToken, Session, SessionId, SubjectId, Timestamp, TokenKind,
};
use symbolon_store::{Clock as _, CoreStore as _, SessionStore as _, SqliteStore, SystemClock};
use tokio::runtime::Builder;

use crate::cli::{ConfigFile, Failure, output};
use crate::config::{self, Settings};
use crate::error_chain::chain;
use crate::exit_code::Exit;
use crate::services::OpenError;

/// Sessions in one transaction.
const BATCH: u64 = 10_000;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Options {
    /// How many
    #[arg(long)]
    count: u64,
    /// Whose
    #[arg(long)]
    subject: SubjectId,
    #[command(flatten)]
    config: ConfigFile,
}

/// Imports the sessions; tokens go to standard output, one on each line.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let settings = config::load(&options.config.path)?.settings;
    let failed = |error: &dyn std::error::Error| Failure::new(Exit::Failed, chain(error));
    let runtime =
        Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
    runtime.block_on(async {
        let store = SqliteStore::open(&settings.store.url()).await.map_err(OpenError::from)?;
        let by = By::new(Actor::Operator(getuid().as_raw()), None, SystemClock.now());
        let record = Record::new(Kind::SessionsSeeded, &by).subject(&options.subject);
        let record = record.with("count", options.count);
        store.record(&[record]).await.map_err(|error| failed(&error))?;
        let mut left = options.count;
        while left > 0 {
            let size = left.min(BATCH);
            let (sessions, tokens) = batch(size, &options.subject, &settings, SystemClock.now());
            store.import(&sessions).await.map_err(|error| failed(&error))?;
            output::data(&tokens);
            left -= size;
        }
        store.close().await;
        Ok(())
    })
}

fn batch(
    size: u64,
    subject: &SubjectId,
    settings: &Settings,
    now: Timestamp,
) -> (Vec<Session>, String) {
    let mut tokens = String::new();
    let sessions = (0..size)
        .map(|_| {
            let token = PlainToken::generate(TokenKind::Session, &OsRandom);
            let _ = writeln!(tokens, "{}", token.reveal());
            session(&token, subject, settings, now)
        })
        .collect();
    (sessions, tokens)
}

fn session(
    token: &PlainToken,
    subject: &SubjectId,
    settings: &Settings,
    now: Timestamp,
) -> Session {
    Session {
        id: SessionId::generate(&OsRandom),
        token: token.hash(),
        generation: Generation::default(),
        subject: subject.clone(),
        client: None,
        authentication: Authentication {
            amr: ["pwd".to_owned()].into(),
            acr: "pwd".into(),
            at: now,
        },
        authorization: Arc::default(),
        created_at: now,
        last_seen: now,
        idle_timeout: settings.sessions.lifetime.idle,
        expires_at: now.plus(settings.sessions.lifetime.absolute),
        device: Some(Box::new(Device::new("symbolon session seed", None))),
        data: SessionData::default(),
    }
}
