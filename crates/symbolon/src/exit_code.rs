//! Exit codes, as `docs/errors.md` lists them.

use std::process::ExitCode;

/// What a run ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Ok = 0,
    /// Failed for a reason that was told.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration file is not valid; all its mistakes were told.
    Configuration = 64,
    /// The store is in use by another process that cannot be reached.
    StoreInUse = 65,
    /// A listener's address cannot be bound.
    Address = 66,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn every_exit_code_is_documented() {
        let page = include_str!("../../../docs/errors.md");
        for exit in [
            Exit::Ok,
            Exit::Failed,
            Exit::Usage,
            Exit::Configuration,
            Exit::StoreInUse,
            Exit::Address,
        ] {
            assert!(page.contains(&format!("\n| {} | ", exit as u8)), "{exit:?}");
        }
    }
}
