//! Several targets behind one service: how requests are spread over them, and what becomes of
//! requests when some of them are slow, broken or away.

mod affinity;
mod bad_company;
mod breaker;
mod ejection;
mod health;
mod killable;
mod name_server;
mod names;
mod outage;
mod reload;
mod retries;
mod scene;
mod spread;
