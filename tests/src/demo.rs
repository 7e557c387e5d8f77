//! `symbolon demo`, row by row of its table in the contract.

pub(crate) mod running;
mod services;
mod table;
mod tokens;
