//! Each way in: what it takes, what it refuses, and what the service sees of it.

mod api_key;
mod basic;
mod clients;
mod combined;
mod directory;
mod foreign_pages;
mod forward;
mod hmac;
mod introspection;
mod jwt;
mod ldap;
mod mtls;
mod mtls_handed_on;
mod streams;
mod table;
