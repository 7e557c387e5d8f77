//! What a route does: which requests it takes, what it changes on the way, what it answers itself.

mod answers;
mod cors;
mod headers;
mod matching;
mod paths;

use crate::harness::settings::Settings;
use crate::harness::stage::Stage;
use crate::harness::upstream::Upstream;

/// The usual scene with further routes.
fn with_routes(routes: &str) -> Stage {
    let settings = Settings { routes: routes.to_owned(), ..Settings::default() };
    Stage::set(&settings, Upstream::plain())
}
