//! Serves the pages on loopback, to be looked at while they are designed:
//! `cargo run -p symbolon-auth --example pages`.
#![expect(clippy::print_stdout, reason = "the address is for the person at the terminal")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::Extension;
use common::{PASSWORD, World};
use symbolon_core::downstream::Downstream;
use tokio::net::TcpListener;

const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
     Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "curl/8.14.1",
];

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let world = World::at(&origin).await;
    for (number, agent) in (1..).zip(BROWSERS) {
        let mut browser = world.browser().at([198, 51, 100, number]);
        browser.headers.push(("user-agent", agent.to_owned()));
        browser.log_in("alice", PASSWORD).await;
        world.clock.advance(Duration::from_mins(9));
    }
    println!("{origin}/auth/login");
    println!("name `alice`, password `{PASSWORD}`");
    let downstream = Downstream {
        source: Some(IpAddr::from(Ipv4Addr::LOCALHOST)),
        request_id: "0198a6c0f1d27b3e".into(),
    };
    axum::serve(listener, world.router.layer(Extension(downstream))).await
}
