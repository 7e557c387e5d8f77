//! A changed configuration is taken up whole or not at all, while requests go on.

mod file;
mod streams;
mod traffic;
mod under_load;
mod version;
