//! `symbolon explain`: which route, authenticator and rule a request meets, and why not the others.

use std::net::IpAddr;

use symbolon_gateway::Gateway;
use symbolon_gateway::config::access_log::Destination;
use tokio::runtime::Builder;

use super::{ConfigFile, Failure, output};
use crate::control::{self, Command as Control};
use crate::error_chain::chain;
use crate::exit_code::Exit;
use crate::services::Services;
use crate::{config, telemetry};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The method
    method: String,
    /// The whole URL, or a path of the public URL
    url: String,
    /// A header, as `Name: value`; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The address that the request comes from
    #[arg(long, value_name = "IP")]
    source: Option<IpAddr>,
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigFile,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Asks the server that holds the store, or a gateway that is made for the question.
pub(super) fn run(options: Options) -> Result<(), Failure> {
    telemetry::start("warn");
    let Options { method, url, headers, source, json, config } = options;
    let settings = config::load(&config.path)?.settings;
    let question = Control::Explain { method, url, headers, source };
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, chain(&error)))?;
    let reply = runtime.block_on(async {
        let services = match Services::open(&settings).await {
            Ok(services) => services,
            Err(error) if error.is_in_use() => {
                let socket = settings.store.control_socket();
                return Ok(control::send(&socket, &question).await?);
            }
            Err(error) => return Err(error.into()),
        };
        let mut resting = settings.gateway;
        resting.listeners.clear();
        resting.access_log.destination = Destination::Off;
        resting.tracing = None;
        let gateway = Gateway::bind(resting, services.gateway_parts(Vec::new()))
            .map_err(|error| Failure::new(Exit::Failed, chain(&error)))?;
        // There is one only: nobody has set it before.
        let _ = services.gateway.set(gateway.handle());
        let done = control::execute(&services, question).await;
        services.store.close().await;
        done.map_err(|error| Failure::new(Exit::Failed, chain(&error)))
    })?;
    output::reply(&reply, json);
    Ok(())
}
