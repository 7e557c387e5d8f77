//! The sections of the report. Each file says what is measured for one of them and how its tables
//! look.

mod authenticators;
mod bodies;
mod connections;
mod http2;
mod peers;
mod policies;
mod routes;
pub(crate) mod sessions;
mod tls;
mod websocket;

use crate::{
    compare::{Row, Section},
    load::Outcome,
};

/// All that compare programs, in the order of the report.
pub(crate) const COMPARED: [&Section; 9] = [
    &peers::SECTION,
    &policies::SECTION,
    &authenticators::SECTION,
    &tls::SECTION,
    &http2::SECTION,
    &websocket::SECTION,
    &bodies::SECTION,
    &routes::SECTION,
    &connections::SECTION,
];

/// Rounds of a section beside the first, whose figures depend less on chance.
const ROUNDS: u32 = 3;
