//! The pages in a real browser: Debian's chromium, driven over the `WebDriver` protocol.
//!
//! `SYMBOLON_SKIP_BROWSER` leaves these tests out where there is none. The screenshots are in
//! `target/screenshots`, for people to judge.

mod cross_origin;
mod driver;
mod pages;
mod person;
mod screenshots;
mod websocket;
