//! The audit log: what is in it, and that it is one chain.

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::{OsRandom, SessionId, Timestamp};

use super::{Backend, NOW, sample};
use crate::audit::{By, Chain, Cut, Entry, Kind, Record};
use crate::core_store::{CoreStore, Revocation, Revoked};

async fn all(store: &Arc<dyn CoreStore>) -> (Option<Cut>, Vec<Entry>) {
    let page = store.audit(0, Timestamp::default(), u32::MAX).await.unwrap();
    (page.cut, page.entries)
}

async fn kinds(store: &Arc<dyn CoreStore>) -> Vec<String> {
    let (cut, entries) = all(store).await;
    verify(cut, &entries);
    entries.iter().map(|entry| entry.record.kind.to_string()).collect()
}

fn verify(cut: Option<Cut>, entries: &[Entry]) {
    let mut chain = Chain::from(cut);
    for entry in entries {
        chain.follow(entry).unwrap();
    }
}

fn record(kind: Kind, at: Timestamp) -> Record {
    Record::new(kind, &By::system(at))
}

pub(crate) async fn what_is_done_is_recorded_and_what_is_not_is_not(backend: impl Backend) {
    let store = backend.core();
    let account = sample::account("alice", NOW);
    let subject = &account.subject;
    let of = |kind| record(kind, NOW);
    store.create_account(&account, &of(Kind::AccountCreated)).await.unwrap();
    assert!(store.create_account(&account, &of(Kind::AccountCreated)).await.is_err());
    let nobody = "nobody".parse().unwrap();
    assert!(!store.set_roles(&nobody, &[], &of(Kind::RolesChanged)).await.unwrap());
    assert!(store.set_roles(subject, &[], &of(Kind::RolesChanged)).await.unwrap());
    assert!(store.set_disabled(subject, true, None, &of(Kind::AccountDisabled)).await.unwrap());
    // And once more, which changes nothing.
    assert!(store.set_roles(subject, &[], &of(Kind::RolesChanged)).await.unwrap());
    assert!(store.set_groups(subject, &account.groups, &of(Kind::GroupsChanged)).await.unwrap());
    assert!(store.set_disabled(subject, true, None, &of(Kind::AccountDisabled)).await.unwrap());
    let changed = of(Kind::PasswordChanged);
    assert!(!store.set_password(subject, ("wrong", "new"), NOW, None, &changed).await.unwrap());
    let revocation = Revocation {
        what: Revoked::Session(SessionId::generate(&OsRandom)),
        at: NOW,
        forget_at: NOW.plus(Duration::from_secs(1)),
    };
    store.revoke(&revocation, &of(Kind::SessionEnded)).await.unwrap();
    store.record(&[of(Kind::Started), of(Kind::Stopped)]).await.unwrap();
    let expected = [
        "account_created",
        "roles_changed",
        "account_disabled",
        "session_ended",
        "started",
        "stopped",
    ];
    assert_eq!(kinds(&store).await, expected);
}

pub(crate) async fn racing_changes_make_one_chain(backend: impl Backend) {
    let store = backend.core();
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let account = sample::account(&format!("user{number}"), NOW);
                store.create_account(&account, sample::record()).await.unwrap();
                store.record(&[record(Kind::Refused, NOW)]).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(kinds(&store).await.len(), 100);
}

pub(crate) async fn the_beginning_is_cut_and_the_rest_goes_on_from_it(backend: impl Backend) {
    let store = backend.core();
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    for seconds in 0..5 {
        store.record(&[record(Kind::Started, at(seconds))]).await.unwrap();
    }
    let cut_record = record(Kind::AuditCut, at(5));
    assert_eq!(store.cut_audit(NOW, u64::MAX, 10, &cut_record).await.unwrap(), None);
    assert_eq!(store.cut_audit(at(3), 0, 10, &cut_record).await.unwrap(), None);
    let cut = store.cut_audit(at(3), u64::MAX, 2, &cut_record).await.unwrap().unwrap();
    assert_eq!(cut.sequence, 2);
    assert_eq!(
        store.cut_audit(at(3), u64::MAX, 10, &cut_record).await.unwrap().unwrap().sequence,
        3
    );
    assert_eq!(store.cut_audit(at(3), u64::MAX, 10, &cut_record).await.unwrap(), None);
    let (cut, entries) = all(&store).await;
    verify(cut, &entries);
    let left: Vec<_> = entries.iter().map(|entry| entry.sequence).collect();
    assert_eq!(left, [4, 5, 6, 7]);
    let said = format!("\"hash\":\"{}\"", cut.unwrap().hash);
    assert!(entries[3].record.detail.contains(&said), "{}", entries[3].record.detail);
    assert_eq!(store.cut_audit(at(9), 5, 10, &cut_record).await.unwrap().unwrap().sequence, 5);
    let since = store.audit(4, at(5), 1).await.unwrap();
    assert_eq!(since.entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [6]);
}

pub(crate) async fn what_was_told_elsewhere_is_remembered(backend: impl Backend) {
    let store = backend.core();
    assert_eq!(store.audit_exported("file").await.unwrap(), 0);
    for up_to in [7, 9] {
        store.set_audit_exported("file", up_to).await.unwrap();
        assert_eq!(store.audit_exported("file").await.unwrap(), up_to);
    }
    assert_eq!(store.audit_exported("syslog").await.unwrap(), 0);
}

pub(crate) async fn the_audit_log_survives_a_restart(backend: impl Backend) {
    backend.core().record(&[record(Kind::Started, NOW)]).await.unwrap();
    let backend = backend.restart().await;
    backend.core().record(&[record(Kind::Stopped, NOW)]).await.unwrap();
    assert_eq!(kinds(&backend.core()).await, ["started", "stopped"]);
}
