//! The folder with policies: `NAME.cedar` is a set, and so is a folder `NAME` with `*.cedar` in it.
//!
//! At most one `*.cedarschema` beside them takes the place of the built-in schema. Whatever is
//! called otherwise, or begins with a dot, is passed over.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use symbolon_core::policy::cedar::{PolicySources, Source};

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The most files that are read.
const MAX_FILES: usize = 1_000;

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilesError {
    #[error("`{}` cannot be read: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("`{}` is no file", .0.display())]
    NoFile(PathBuf),
    #[error("`{}` is larger than {MAX_FILE_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    #[error("`{}` has more than {MAX_FILES} files", .0.display())]
    TooMany(PathBuf),
    #[error("`{0}` is there twice, as a file and as a folder")]
    Twice(String),
    #[error("there are several schemas: `{0}` and `{1}`")]
    Schemas(Arc<str>, Arc<str>),
}

/// Reads all sets and the schema.
pub(crate) fn read(folder: &Path) -> Result<PolicySources, FilesError> {
    let mut sets: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    let mut schema: Option<Source> = None;
    let mut count = 0;
    for (path, name) in entries(folder)? {
        if path.is_dir() {
            let mut texts = Vec::new();
            for (path, _) in entries(&path)? {
                if path.extension().is_some_and(|extension| extension == "cedar") {
                    texts.push(text(&path)?);
                }
            }
            count += texts.len();
            if !texts.is_empty() && sets.insert(name.clone(), texts).is_some() {
                return Err(FilesError::Twice(name));
            }
        } else if let Some(stem) = name.strip_suffix(".cedar") {
            count += 1;
            if sets.insert(stem.to_owned(), vec![text(&path)?]).is_some() {
                return Err(FilesError::Twice(stem.to_owned()));
            }
        } else if name.ends_with(".cedarschema") {
            let found = text(&path)?;
            if let Some(other) = &schema {
                return Err(FilesError::Schemas(Arc::clone(&other.file), found.file));
            }
            schema = Some(found);
        }
        if count > MAX_FILES {
            return Err(FilesError::TooMany(folder.to_owned()));
        }
    }
    let sets = sets.into_iter().map(|(name, texts)| (name.into(), texts)).collect();
    Ok(PolicySources { sets, schema, headers: Vec::new() })
}

/// What is in a folder, in the order of the names.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>, FilesError> {
    let failed = |source| FilesError::Io { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        if let Some(name) = name.filter(|name| !name.starts_with('.')) {
            found.push((path, name));
        }
        if found.len() > MAX_FILES {
            return Err(FilesError::TooMany(folder.to_owned()));
        }
    }
    found.sort();
    Ok(found)
}

fn text(path: &Path) -> Result<Source, FilesError> {
    let failed = |source| FilesError::Io { path: path.to_owned(), source };
    // A pipe would be waited for, for ever.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(FilesError::NoFile(path.to_owned()));
    }
    let mut text = String::new();
    let file = File::open(path).map_err(failed)?;
    let read = file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_FILE_BYTES) {
        return Err(FilesError::TooLarge(path.to_owned()));
    }
    Ok(Source { file: path.display().to_string().into(), text: text.into() })
}
