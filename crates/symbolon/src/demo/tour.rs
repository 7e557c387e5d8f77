//! What the demo tells at its start: who there is, and what to try.

use std::fmt;
use std::io::{self, Write as _};
use std::net::SocketAddr;

use super::accounts::{ACCOUNTS, PASSWORD};
use super::folder::{Folder, ROBOT_KEY_FILE};

/// Everything that is told.
pub(super) struct Tour<'a> {
    pub(super) site: &'a str,
    pub(super) admin: SocketAddr,
    pub(super) folder: &'a Folder,
    /// Told on purpose: it opens nothing beyond this machine.
    pub(super) robot_key: &'a str,
}

impl Tour<'_> {
    /// Writes it to standard output; whoever closed that does not want to know.
    pub(super) fn tell(&self) {
        let mut out = io::stdout().lock();
        let _ = write!(out, "{self}");
        let _ = out.flush();
    }
}

impl fmt::Display for Tour<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { site, admin, folder, robot_key } = self;
        let (path, yaml) = (folder.path().display(), folder.configuration_file());
        writeln!(f, "\nSymbolon demo: {site}\n\nAccounts, password `{PASSWORD}`:")?;
        for (name, role) in ACCOUNTS {
            writeln!(f, "  {name:<6} role {role}")?;
        }
        let stays = if folder.is_kept() { "kept" } else { "removed at the end" };
        write!(
            f,
            r#"Client, API key (also in {ROBOT_KEY_FILE}):
  robot  {robot_key}

In a browser:
  {site}/               the tour
  {site}/auth/login     log in
  {site}/orders         orders and cart of the role customer
  {site}/profile        the claims that a service receives
  {site}/admin          for the role admin only
  {site}/auth/account   sessions and password

With curl: log in as alice, then use the cookie.
  jar=$(mktemp)
  csrf=$(curl -s -c $jar {site}/auth/login | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p')
  curl -s -b $jar -c $jar {site}/auth/login -d username=alice \
    --data-urlencode 'password={PASSWORD}' --data-urlencode "csrf=$csrf"
  curl -b $jar {site}/orders
  curl -b $jar {site}/orders/cart -d '{{"sku":"amphora"}}'
  curl -b $jar {site}/profile
  curl -b $jar -i {site}/admin
  curl -b $jar {site}/echo/hello?x=1 -H 'X-User: root' -d 'what the service received'

The same token in a header, and the robot's key:
  token=$(awk '$6 == "symbolon" {{ print $7 }}' $jar)
  curl -H "Authorization: Bearer $token" {site}/profile
  curl -H 'apikey: {robot_key}' {site}/echo/robot

What the example services believe: {site}/auth/internal/jwks.json
Metrics and health:                http://{admin}/metrics
Configuration, read like any other: {yaml}
State ({stays}): {path}

Ctrl-C ends it.
"#,
            yaml = yaml.display(),
        )
    }
}
