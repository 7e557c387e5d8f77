//! What every back-end must do, as tests that are written once.
pub(crate) mod sample;
