//! What the gateway says it would do, and what it does.

mod agreement;
mod guesses;
mod scene;
mod told;
