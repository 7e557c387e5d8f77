//! The master key's file, on a real file system.

use std::fs::Permissions;

use symbolon_core::OsRandom;
use tempfile::TempDir;

use super::*;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Whether both are the same key, without looking at either.
fn are_one(a: &MasterKey, b: &MasterKey) -> bool {
    let sealed = a.seal("place", b"text", &OsRandom).unwrap();
    b.open("place", &sealed).is_ok()
}

fn file_with(folder: &TempDir, text: &[u8], mode: u32) -> PathBuf {
    let path = folder.path().join("master.key");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

#[test]
fn first_start_makes_a_file_that_only_its_owner_can_read() {
    let folder = folder();
    let path = folder.path().join("new/secrets/master.key");
    let made = load_or_create(&path, &OsRandom).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert!(are_one(&made, &load_or_create(&path, &OsRandom).unwrap()));
    assert!(are_one(&made, &load(&path).unwrap()));
}

#[test]
fn file_that_exists_is_never_written_to() {
    let folder = folder();
    for text in ["", "not a key", &"ab".repeat(31), &"ab".repeat(1000)] {
        let path = file_with(&folder, text.as_bytes(), 0o600);
        let refused = load_or_create(&path, &OsRandom).unwrap_err();
        assert!(matches!(refused, MasterKeyError::MalformedFile { .. }));
        assert!(refused.hint().unwrap().contains("backup"));
        assert_eq!(fs::read(&path).unwrap(), text.as_bytes());
        assert!(create(&path, &MasterKey::generate(&OsRandom)).is_err());
        assert_eq!(fs::read(&path).unwrap(), text.as_bytes());
    }
}

#[test]
fn file_that_others_can_read_is_refused() {
    let folder = folder();
    let text = "ab".repeat(32);
    for open in [0o640, 0o604, 0o620, 0o602, 0o610, 0o644, 0o666] {
        let path = file_with(&folder, text.as_bytes(), open);
        let refused = load_or_create(&path, &OsRandom).unwrap_err();
        assert!(
            matches!(refused, MasterKeyError::OpenToOthers { mode, .. } if mode == open),
            "{open:o}"
        );
        assert!(refused.to_string().ends_with(&format!("(mode {open:04o})")));
        assert!(refused.hint().unwrap().contains("chmod 600"));
    }
    for private in [0o600, 0o400] {
        assert!(load(&file_with(&folder, text.as_bytes(), private)).is_ok());
    }
}

#[test]
fn file_that_is_not_text_is_not_a_key() {
    let folder = folder();
    let refused = load(&file_with(&folder, &[0xff; 64], 0o600)).unwrap_err();
    assert!(matches!(refused, MasterKeyError::MalformedFile { .. }));
}

#[test]
fn missing_file_is_not_made_by_loading() {
    let folder = folder();
    let path = folder.path().join("master.key");
    let refused = load(&path).unwrap_err();
    assert!(matches!(refused, MasterKeyError::Missing { .. }), "{refused:?}");
    assert!(!path.exists());
}

#[test]
fn given_text_is_a_key_or_refused_without_repeating_it() {
    let text = "0123456789abcdef".repeat(4);
    let key = from_text(&format!(" {text}\n")).unwrap();
    let folder = folder();
    let same = load(&file_with(&folder, text.as_bytes(), 0o600)).unwrap();
    assert!(are_one(&key, &same));

    let refused = from_text("hunter2").unwrap_err();
    assert!(!refused.to_string().contains("hunter2"));
    assert!(!format!("{refused:?}").contains("hunter2"));
}
