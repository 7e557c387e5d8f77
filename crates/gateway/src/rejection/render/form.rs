//! What the caller of a request can read: decided before the request is taken apart.

use http::{Method, Request};

use crate::grpc;
use crate::stage::login;

/// The forms in which a refusal is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A page for a person in a browser.
    Page,
    /// RFC 9457, for programs.
    Problem,
    /// `grpc-status`, for callers of gRPC methods.
    Grpc,
}

impl Form {
    /// The form for whoever sent this.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        // A refusal with the status of a success would open the tunnel that CONNECT asks for.
        let is_tunnel = *request.method() == Method::CONNECT;
        if !is_tunnel && grpc::is_call(request.version(), request.headers()) {
            Self::Grpc
        } else if login::wants_page(request.method(), request.headers()) {
            Self::Page
        } else {
            Self::Problem
        }
    }
}
