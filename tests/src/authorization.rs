//! What somebody who is known may do: rules, roles that follow from others, policies, and being
//! asked to prove it once more.

mod beside;
mod cedar;
mod live;
mod matrix;
mod roles;
mod scene;
mod step_up;
