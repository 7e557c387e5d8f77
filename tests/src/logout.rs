//! The end of a session: whoever ends it, it is over on the very next request, everywhere.

mod account_page;
mod at_once;
mod by_operator;
