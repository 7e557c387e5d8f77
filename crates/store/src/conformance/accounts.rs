//! Accounts.

use std::time::Duration;

use symbolon_core::SubjectId;

use super::{Backend, NOW, sample};
use crate::core_store::Account;
use crate::error::StoreError;

pub(crate) async fn a_created_account_is_found_as_it_was(backend: impl Backend) {
    let store = backend.core();
    let plain = sample::account("alice", NOW);
    let rich = Account {
        groups: vec!["Ops & Café".into(), String::new()],
        disabled: true,
        password_changed_at: NOW.plus(Duration::from_secs(9)),
        ..sample::account("bob", NOW)
    };
    for account in [plain, rich] {
        store.create_account(&account, sample::record()).await.unwrap();
        let found = store.find_account(&account.subject).await.unwrap();
        assert_eq!(found, Some(account));
    }
    let stranger = "carol".parse().unwrap();
    assert_eq!(store.find_account(&stranger).await.unwrap(), None);
}

pub(crate) async fn a_name_is_given_once(backend: impl Backend) {
    let store = backend.core();
    let first = sample::account("alice", NOW);
    store.create_account(&first, sample::record()).await.unwrap();
    let second = Account { password_hash: "another".into(), ..first.clone() };
    let refused = store.create_account(&second, sample::record()).await;
    assert!(matches!(refused, Err(StoreError::Exists { .. })), "{refused:?}");
    let found = store.find_account(&first.subject).await.unwrap();
    assert_eq!(found, Some(first));
}

pub(crate) async fn pages_show_every_account_once_in_order(backend: impl Backend) {
    let store = backend.core();
    let names = ["dora", "alice", "0root", "bob", "carol"];
    for name in names {
        let account = sample::account(name, NOW);
        store.create_account(&account, sample::record()).await.unwrap();
    }
    let mut seen = Vec::new();
    loop {
        let page = store.list_accounts(seen.last(), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|account| account.subject));
    }
    let seen: Vec<_> = seen.iter().map(SubjectId::as_str).collect();
    assert_eq!(seen, ["0root", "alice", "bob", "carol", "dora"]);
}

pub(crate) async fn a_password_is_replaced_only_if_it_is_still_the_old_one(backend: impl Backend) {
    let store = backend.core();
    let account = sample::account("alice", NOW);
    store.create_account(&account, sample::record()).await.unwrap();
    let later = NOW.plus(Duration::from_mins(1));
    let set = |old: &'static str, new| {
        store.set_password(&account.subject, (old, new), later, None, sample::record())
    };
    assert!(!set("guessed", "new").await.unwrap());
    let untouched = store.find_account(&account.subject).await.unwrap();
    assert_eq!(untouched.as_ref(), Some(&account));

    assert!(set(sample::PASSWORD_HASH, "new").await.unwrap());
    assert!(!set(sample::PASSWORD_HASH, "newer").await.unwrap());
    let after = store.find_account(&account.subject).await.unwrap().unwrap();
    assert_eq!(after.password_hash, "new");
    assert_eq!(after.password_changed_at, later);
}

pub(crate) async fn roles_groups_and_disabling_need_an_account(backend: impl Backend) {
    let store = backend.core();
    let account = sample::account("alice", NOW);
    let subject = &account.subject;
    let roles = ["admin".parse().unwrap()];
    let groups = ["staff".to_owned()];
    assert!(!store.set_roles(subject, &roles, sample::record()).await.unwrap());
    assert!(!store.set_groups(subject, &groups, sample::record()).await.unwrap());
    assert!(!store.set_disabled(subject, true, None, sample::record()).await.unwrap());

    store.create_account(&account, sample::record()).await.unwrap();
    assert!(store.set_roles(subject, &roles, sample::record()).await.unwrap());
    assert!(store.set_groups(subject, &groups, sample::record()).await.unwrap());
    assert!(store.set_disabled(subject, true, None, sample::record()).await.unwrap());
    let after = store.find_account(subject).await.unwrap().unwrap();
    assert_eq!(after.roles, roles);
    assert_eq!(after.groups, groups);
    assert!(after.disabled);
    assert!(store.set_disabled(subject, false, None, sample::record()).await.unwrap());
    let after = store.find_account(subject).await.unwrap().unwrap();
    assert!(!after.disabled);
}

pub(crate) async fn accounts_survive_a_restart(backend: impl Backend) {
    let account = sample::account("alice", NOW);
    backend.core().create_account(&account, sample::record()).await.unwrap();
    let backend = backend.restart().await;
    let store = backend.core();
    let found = store.find_account(&account.subject).await.unwrap();
    assert_eq!(found, Some(account));
}
