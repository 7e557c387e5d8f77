//! `measure`: sections of the report, one after the other.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use crate::{
    certificate::Certificate,
    compare,
    load::Generator,
    peers::Surroundings,
    sections::{COMPARED, sessions},
    token::SignedTokens,
};

/// The section that compares few and many sessions.
const SESSIONS: &str = "sessions";

#[derive(Args)]
pub(crate) struct Options {
    /// Sections: peers, policies, authenticators, sessions, tls, http2, websocket, bodies, routes, connections; all of them
    /// where none is named.
    sections: Vec<String>,
    #[command(flatten)]
    compared: compare::Options,
    #[command(flatten)]
    sessions: sessions::Options,
    /// Sessions that those peers hold that hold sessions.
    #[arg(long, default_value_t = 10_000)]
    held: u32,
    /// The binary of Symbolon.
    #[arg(long)]
    symbolon: PathBuf,
    /// The binary of Envoy.
    #[arg(long)]
    envoy: PathBuf,
    /// The Markdown file to write; a section is not written when only some of its programs are
    /// measured.
    #[arg(long)]
    report: Option<PathBuf>,
}

/// Measures, prints the tables, writes the report.
pub(crate) fn run(options: &Options) -> Result<()> {
    let known = || COMPARED.iter().map(|section| section.name).chain([SESSIONS]);
    for name in &options.sections {
        ensure!(
            known().any(|section| section == name),
            "no section is called `{name}`; there are {}",
            known().collect::<Vec<_>>().join(", ")
        );
    }
    let wanted =
        |name: &str| options.sections.is_empty() || options.sections.iter().any(|one| one == name);
    let mut generator = Generator::start()?;
    let surroundings = Surroundings {
        upstream: generator.upstream,
        sessions: options.held,
        tokens: SignedTokens::new()?,
        certificate: Certificate::new()?,
        symbolon: options.symbolon.clone(),
        envoy: options.envoy.clone(),
    };
    let report = options.report.as_ref();
    for section in COMPARED.into_iter().filter(|section| wanted(section.name)) {
        compare::run(section, &options.compared, &surroundings, &mut generator, report)?;
    }
    if wanted(SESSIONS) && options.compared.only.is_empty() {
        sessions::run(&options.sessions, &options.symbolon, &mut generator, report)?;
    }
    Ok(())
}
