//! `symbolon client`: machines. Their credentials stand in the configuration file.

use symbolon_core::{OsRandom, PlainToken, TokenKind};

use super::{Failure, output};

#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Print a new API key, to be kept in the file that `secret_file` names
    NewKey,
}

#[expect(clippy::unnecessary_wraps, reason = "all families of commands have this form")]
pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::NewKey => {
            let key = PlainToken::generate(TokenKind::ApiKey, &OsRandom);
            output::data(&format!("{}\n", key.reveal()));
        }
    }
    Ok(())
}
