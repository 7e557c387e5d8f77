//! What the cache promises, tried.
