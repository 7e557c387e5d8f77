//! HTTP/2 from downstreams and towards services.

mod broken_off;
mod floods;
mod head;
mod lifetime;
mod spoofing;
mod streaming;
mod upstream;
mod websocket;
mod windows;
