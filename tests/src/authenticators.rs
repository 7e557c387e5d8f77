//! What proves who somebody is: a table of cases for each authenticator, through the real binary.

mod jwt;
