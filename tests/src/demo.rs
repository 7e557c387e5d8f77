//! `symbolon demo`, row by row of its table in the contract.

mod running;
mod services;
mod table;
mod tokens;
