//! What is asked and answered: the same for every program.

/// The path of every measured request, 36 characters.
pub(crate) const PATH: &str = "/api/v1/orders/0f8fad5b-d9cb/item/42";
/// A path that the upstream answers with the request head that it received.
pub(crate) const SEEN_PATH: &str = "/api/v1/seen";
/// A path that the upstream answers with a large body.
pub(crate) const LARGE_PATH: &str = "/api/v1/orders/0f8fad5b-d9cb/scan/42";
/// What the upstream answers.
pub(crate) const ANSWER: &str = r#"{"order":42,"state":"sent"}"#;
/// Octets of a large body, in either direction.
pub(crate) const LARGE: usize = 1024 * 1024;
/// Every octet of a large body.
pub(crate) const LARGE_OCTET: u8 = b'x';
/// Octets of a WebSocket message.
pub(crate) const MESSAGE: usize = 100;
/// Keep-alive connections from the load generator; over HTTP/2 streams that are open at once.
pub(crate) const CONNECTIONS: u32 = 64;
/// Connections over which these streams are spread.
pub(crate) const HTTP2_CONNECTIONS: u32 = 2;
/// Connections with large bodies: each has a mebibyte under way.
pub(crate) const LARGE_CONNECTIONS: u32 = 16;
/// The name of the cookie that carries the credential.
pub(crate) const COOKIE: &str = "symbolon";
/// The name in the certificate of every program.
pub(crate) const SERVER_NAME: &str = "bench.example";
/// The name in the certificate of a client.
pub(crate) const CLIENT_NAME: &str = "client.example";
/// The core of the proxy and of whatever it asks about each request.
pub(crate) const PROXY_CORE: u32 = 0;
/// The core of the load generator and the upstream.
pub(crate) const LOAD_CORE: u32 = 1;

/// Where the route with this number begins: all are equally long.
pub(crate) fn route_path(number: u32) -> String {
    format!("/service-{number:05}")
}

/// What is asked of that route, 36 characters like the other path.
pub(crate) fn path_on_route(number: u32) -> String {
    format!("{}/orders/0f8fad5b/it/42", route_path(number))
}

#[cfg(test)]
mod tests {
    use super::{LARGE_PATH, PATH, path_on_route};

    #[test]
    fn the_paths_have_the_length_that_the_method_states() {
        assert_eq!([PATH.len(), LARGE_PATH.len(), path_on_route(9_999).len()], [36; 3]);
    }
}
