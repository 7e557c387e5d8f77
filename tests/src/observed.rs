//! What operators see: health, metrics, the access log; and what nobody ever sees in it.

mod access_log;
mod admin;
mod canaries;
mod monitoring;
mod planted;
mod server_timing;
mod traces;
