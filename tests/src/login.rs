//! Logging in: who gets a session, what it looks like outside, and who does not get one.

mod api_key;
mod cookie;
mod expiry;
mod fixation;
mod forgery;
mod known_browser;
mod navigation;
mod return_to;
mod throttling;
mod timing;
mod wrong;
