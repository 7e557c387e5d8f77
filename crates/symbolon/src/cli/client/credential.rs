//! `symbolon client credential`.

use std::path::PathBuf;
use std::time::Duration;

use symbolon_core::client::CredentialId;
use symbolon_core::{ClientId, Timestamp};
use zeroize::Zeroizing;

use super::super::{ConfigFile, Failure, user};
use super::ask;
use crate::config::units;
use crate::control::{Certificate, ClientCommand, Expiry, NewProof, Password};
use crate::error_chain::chain;
use crate::exit_code::Exit;

#[derive(Debug, clap::Subcommand)]
pub(in super::super) enum Command {
    /// Add a credential; a secret that is made here is printed once
    Add {
        /// The client
        client: ClientId,
        #[command(subcommand)]
        kind: Kind,
    },
    /// Remove a credential; it proves nothing from the next request on
    Remove {
        client: ClientId,
        credential: CredentialId,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Make an API key in the place of another one, and print it once
    Rotate {
        client: ClientId,
        credential: CredentialId,
        /// How long the old one stays good, such as `24h`
        #[arg(long, value_name = "SPAN", value_parser = span, default_value = "24h")]
        overlap: Duration,
        #[command(flatten)]
        expiry: ExpiryOptions,
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        config: ConfigFile,
    },
}

/// What kind of credential.
#[derive(Debug, clap::Subcommand)]
pub(in super::super) enum Kind {
    /// A key, which is made here and printed
    ApiKey {
        /// Read a key of another system from standard input instead
        #[arg(long)]
        foreign_stdin: bool,
        #[command(flatten)]
        common: Common,
    },
    /// A user name and a password
    Basic {
        /// The user name, without a colon
        #[arg(long)]
        username: String,
        /// Read the password from standard input; one line break at its end is left out
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        common: Common,
    },
    /// A key that signs requests; its secret is made here and printed
    Hmac {
        /// How requests name the key
        #[arg(long)]
        key_id: String,
        /// Read the secret from standard input instead; one line break at its end is left out
        #[arg(long, conflicts_with = "public_key_file")]
        secret_stdin: bool,
        /// A public key as PEM instead of a secret
        #[arg(long, value_name = "FILE")]
        public_key_file: Option<PathBuf>,
        /// What the key is for, such as `hmac-sha256`; may be given several times
        #[arg(long = "algorithm", value_name = "NAME")]
        algorithms: Vec<String>,
        #[command(flatten)]
        common: Common,
    },
    /// A key with which the client signs tokens itself
    Jwt {
        /// How tokens name the key
        #[arg(long)]
        key: String,
        /// The one algorithm that it is for, such as `ES256`
        #[arg(long)]
        algorithm: String,
        /// The public key as PEM
        #[arg(long, value_name = "FILE", required_unless_present = "secret_stdin")]
        public_key_file: Option<PathBuf>,
        /// Read a shared secret from standard input; one line break at its end is left out
        #[arg(long, conflicts_with = "public_key_file")]
        secret_stdin: bool,
        #[command(flatten)]
        common: Common,
    },
    /// A certificate that was verified when the connection was made
    Mtls {
        /// A subject alternative name: URI, e-mail address, IP address or DNS name
        #[arg(long, value_name = "NAME")]
        san: Option<String>,
        /// The whole subject, such as `CN=a,O=b`
        #[arg(long, value_name = "NAME", conflicts_with = "san")]
        subject: Option<String>,
        /// The SHA-256 of the certificate, in hexadecimal
        #[arg(long, value_name = "DIGITS", conflicts_with_all = ["san", "subject"],
              required_unless_present_any = ["san", "subject"])]
        fingerprint: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

/// What every kind takes.
#[derive(Debug, clap::Args)]
pub(in super::super) struct Common {
    /// Its name among those of the client; without, its kind and the next number
    #[arg(long)]
    id: Option<CredentialId>,
    #[command(flatten)]
    expiry: ExpiryOptions,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, clap::Args)]
pub(in super::super) struct ExpiryOptions {
    /// From then on it is not good any more, such as `2027-01-31T00:00:00Z`
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires_at: Option<Timestamp>,
    /// After so long it is not good any more, such as `90d`
    #[arg(long, value_name = "SPAN", value_parser = span, conflicts_with = "expires_at")]
    expires_in: Option<Duration>,
}

pub(super) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add { client, kind } => add(client, kind),
        Command::Remove { client, credential: id, config } => {
            ask(&config, ClientCommand::CredentialRemove { client, id }, false)
        }
        Command::Rotate { client, credential: id, overlap, expiry, json, config } => {
            let expiry = expiry.read();
            ask(&config, ClientCommand::CredentialRotate { client, id, overlap, expiry }, json)
        }
    }
}

fn add(client: ClientId, kind: Kind) -> Result<(), Failure> {
    let (proof, Common { id, expiry, json, config }) = match kind {
        Kind::ApiKey { foreign_stdin, common } => {
            let foreign = foreign_stdin.then(user::read_password).transpose()?;
            (NewProof::ApiKey { foreign }, common)
        }
        Kind::Basic { username, common, .. } => {
            (NewProof::Basic { username, password: user::read_password()? }, common)
        }
        Kind::Hmac { key_id, secret_stdin, public_key_file, algorithms, common } => {
            let material = match public_key_file {
                Some(file) => Some(public_key(&file)?),
                None => secret_stdin.then(user::read_password).transpose()?,
            };
            (NewProof::Hmac { key_id, material, algorithms }, common)
        }
        Kind::Jwt { key, algorithm, public_key_file, common, .. } => {
            let material = match public_key_file {
                Some(file) => public_key(&file)?,
                None => user::read_password()?,
            };
            (NewProof::Jwt { key, algorithm, material }, common)
        }
        Kind::Mtls { san, subject, fingerprint, common } => {
            let certificate = match (san, subject, fingerprint) {
                (Some(name), ..) => Certificate::San(name),
                (_, Some(name), _) => Certificate::Subject(name),
                (.., digits) => Certificate::Fingerprint(digits.unwrap_or_default()),
            };
            (NewProof::Mtls(certificate), common)
        }
    };
    let expiry = expiry.read();
    ask(&config, ClientCommand::CredentialAdd { client, id, expiry, proof }, json)
}

fn public_key(file: &std::path::Path) -> Result<Password, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot read `{}`: {}", file.display(), chain(&error)))
    })?;
    if !text.trim_start().starts_with("-----BEGIN PUBLIC KEY-----") {
        let message = format!("`{}` is no public key as PEM", file.display());
        return Err(Failure::new(Exit::Failed, message));
    }
    Ok(Password::new(Zeroizing::new(text)))
}

impl ExpiryOptions {
    fn read(&self) -> Option<Expiry> {
        self.expires_at.map(Expiry::At).or(self.expires_in.map(Expiry::In))
    }
}

fn span(text: &str) -> Result<Duration, &'static str> {
    units::duration(text).ok_or("no span such as `24h` or `90d`")
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse_rfc3339(text).ok_or("no time such as `2027-01-31T00:00:00Z`")
}
