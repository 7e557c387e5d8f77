//! What the caller of a request can read: decided before the request is taken apart.

use http::Method;

use crate::extended_connect::ExtendedConnect;
use crate::grpc;
use crate::head::Head;
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
    pub(crate) fn of(head: &Head) -> Self {
        // A refusal with the status of a success would open the tunnel that CONNECT asks for.
        let is_tunnel =
            head.method == Method::CONNECT || head.extended_connect != ExtendedConnect::No;
        if !is_tunnel && grpc::is_call(head.version, &head.fields) {
            Self::Grpc
        } else if login::wants_page(&head.method, &head.fields) {
            Self::Page
        } else {
            Self::Problem
        }
    }
}
