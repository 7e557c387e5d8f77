//! The configuration of the gateway under test: two services, and a route for each kind of rule.

use std::net::SocketAddr;

/// What clients call the gateway, wherever it listens.
pub(crate) const HOST: &str = "shop.test";
/// The same as browsers write it.
pub(crate) const ORIGIN: &str = "http://shop.test";

/// What differs from test to test.
pub(crate) struct Settings {
    /// Where to listen.
    pub(crate) address: String,
    /// Scheme and host of every link and cookie.
    pub(crate) public_url: String,
    /// Further sections, such as `limits`.
    pub(crate) sections: String,
    /// Further keys of the service `api`.
    pub(crate) api: String,
    /// Further services, indented by two.
    pub(crate) services: String,
    /// Further routes.
    pub(crate) routes: String,
}

impl Default for Settings {
    fn default() -> Self {
        let none = String::new;
        Self {
            address: "127.0.0.1:0".to_owned(),
            public_url: ORIGIN.to_owned(),
            sections: none(),
            api: none(),
            services: none(),
            routes: none(),
        }
    }
}

impl Settings {
    /// The file, for services at these addresses. `FOLDER` stands for where it will lie.
    pub(crate) fn yaml(&self, api: SocketAddr, other: SocketAddr) -> String {
        let Self { address, public_url, sections, api: api_keys, services, routes } = self;
        format!(
            "version: 1
public_url: {public_url}
listeners: [{{ address: {address} }}]
admin: {{ address: 127.0.0.1:0 }}
store: {{ url: \"sqlite:FOLDER/data/symbolon.db\" }}
{sections}
services:
  api: {{ targets: [http://{api}], session_writes: [cart, locale]{api_keys} }}
  other: {{ targets: [http://{other}] }}
{services}
routes:
  - {{ name: api, paths: [/api], service: api, authenticate: [session, bearer] }}
  - {{ name: other, paths: [/other], service: other, authenticate: [session, bearer] }}
  - name: admin
    paths: [/admin]
    service: api
    authenticate: [session, bearer]
    authorize: {{ any_role: [admin] }}
  - name: maybe
    paths: [/maybe]
    service: api
    authenticate: {{ any: [session], optional: true }}
  - {{ name: public, paths: [/public], service: api, authenticate: none }}
{routes}
"
        )
    }
}
