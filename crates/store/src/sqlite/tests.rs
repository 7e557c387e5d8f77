//! What only this back-end promises, tried.
