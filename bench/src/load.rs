//! The load generator and the service behind every proxy: one process, one thread, one core.
//!
//! Both sides of the proxy are in one event loop that never sleeps while a measurement runs. On a
//! virtual machine, waking a sleeping core costs the waker several microseconds of CPU time; with
//! two processes that take turns in sleeping, whether the proxy pays that depends on chance, and
//! its figures fall into two groups a factor of two apart. A client across a network costs the
//! proxy no such thing.

mod bodies;
mod client;
mod clients;
mod connection;
mod generate;
mod generator;
mod handshakes;
mod http2;
mod kind;
mod messages;
mod order;
mod outcome;
mod requests;
mod signed;
pub(crate) mod tls;

use std::{io, thread};

use anyhow::{Context, Result};
use clap::Args;
use tokio::{runtime::Builder, sync::mpsc};

use self::clients::Held;
pub(crate) use self::{generator::Generator, kind::Load, order::Order, outcome::Outcome};
use crate::serve::{self, upstream};

/// Orders that may wait; the other side sends the next one only after the outcome.
const WAITING_ORDERS: usize = 1;

#[derive(Args)]
pub(crate) struct Options {
    /// The port of the loopback address on which the service listens.
    #[arg(long)]
    upstream_port: u16,
}

/// Serves, and carries out the orders that come on stdin until it ends.
pub(crate) fn run(options: &Options) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(async {
        let service = serve::forever(options.upstream_port, upstream::reply);
        tokio::select! {
            ended = service => ended,
            done = carry_out(orders()?) => done,
        }
    })
}

async fn carry_out(mut orders: mpsc::Receiver<String>) -> Result<()> {
    let mut held = Held::new();
    while let Some(line) = orders.recv().await {
        let outcome = generate::carry_out(&line.parse()?, &mut held).await?;
        println!("{outcome}");
    }
    Ok(())
}

/// The lines of stdin, read by a thread of its own: the event loop must not wait for them.
fn orders() -> Result<mpsc::Receiver<String>> {
    let (sender, receiver) = mpsc::channel(WAITING_ORDERS);
    thread::Builder::new()
        .spawn(move || {
            for line in io::stdin().lines().map_while(Result::ok) {
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        })
        .context("cannot start a thread")?;
    Ok(receiver)
}
