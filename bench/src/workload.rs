//! What is asked and answered: the same for every program.

/// The path of every measured request, 36 characters.
pub(crate) const PATH: &str = "/api/v1/orders/0f8fad5b-d9cb/item/42";
/// A path that the upstream answers with the request head that it received.
pub(crate) const SEEN_PATH: &str = "/api/v1/seen";
/// What the upstream answers.
pub(crate) const ANSWER: &str = r#"{"order":42,"state":"sent"}"#;
/// Keep-alive connections from the load generator.
pub(crate) const CONNECTIONS: u32 = 64;
/// The name of the cookie that carries the credential.
pub(crate) const COOKIE: &str = "symbolon";
/// The core of the proxy and of whatever it asks about each request.
pub(crate) const PROXY_CORE: u32 = 0;
/// The core of the load generator and the upstream.
pub(crate) const LOAD_CORE: u32 = 1;

#[cfg(test)]
mod tests {
    #[test]
    fn the_path_has_the_length_that_the_method_states() {
        assert_eq!(super::PATH.len(), 36);
    }
}
