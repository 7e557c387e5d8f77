//! What a configuration refers to outside of itself: files beside it, and the environment.

use std::cell::RefCell;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use symbolon_core::policy::cedar::{PolicySources, Source};
use zeroize::Zeroizing;

use super::mistake::Mistakes;
use super::yaml::Node;

/// The longest secret, in bytes.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Where the file stands and which environment it sees.
pub(crate) struct Surroundings<'a> {
    /// The folder of the file; relative paths in it start there.
    folder: PathBuf,
    variables: &'a dyn Fn(&str) -> Option<String>,
    /// Files beside the configuration that were read and are part of it.
    read: RefCell<Vec<Source>>,
}

impl<'a> Surroundings<'a> {
    pub(crate) fn of(file: &Path, variables: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder, variables, read: RefCell::default() }
    }

    /// A path of the file, from where the process runs.
    pub(crate) fn path(&self, written: &str) -> PathBuf {
        self.folder.join(written)
    }

    /// Notes policies that were read, so that a change of them is a change of the configuration.
    pub(crate) fn has_read(&self, sources: &PolicySources) {
        let sets = sources.sets.iter().flat_map(|(_, texts)| texts);
        self.read.borrow_mut().extend(sets.chain(&sources.schema).cloned());
    }

    /// What was noted.
    pub(crate) fn take_read(&self) -> Vec<Source> {
        self.read.take()
    }

    /// The value of the environment variable that the node names.
    pub(crate) fn variable(
        &self,
        node: &Node,
        mistakes: &mut Mistakes,
    ) -> Option<Zeroizing<String>> {
        let name = node.scalar()?;
        let value = (self.variables)(name).map(Zeroizing::new);
        if value.is_none() {
            let message = format!("environment variable `{name}` is not set");
            mistakes.add(node.place, message);
        }
        value
    }

    /// The text of the secret file that the node names, without white space around it.
    pub(crate) fn secret_file(
        &self,
        node: &Node,
        mistakes: &mut Mistakes,
    ) -> Option<Zeroizing<String>> {
        let path = self.path(node.scalar()?);
        let mut text = Zeroizing::new(String::new());
        let read = File::open(&path)
            .and_then(|file| file.take(MAX_SECRET_BYTES).read_to_string(&mut text));
        if let Err(error) = read {
            let message = format!("secret file `{}` cannot be read: {error}", path.display());
            mistakes.add(node.place, message);
            return None;
        }
        Some(Zeroizing::new(text.trim().to_owned()))
    }
}

/// The environment of this process.
#[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
