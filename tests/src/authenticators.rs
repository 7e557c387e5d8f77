//! Each way in: what it takes, what it refuses, and what the service sees of it.

mod hmac;
