//! Who watches a decision: the access event, or somebody who wants it explained.

use std::sync::Arc;

use crate::authenticator::{Answer, BoundAuthenticator};
use crate::bound_route::BoundRoute;
use crate::stage::{Admitted, Clean, Identified, Permitted};

/// Is told what each stage found, in the order of the stages.
pub(crate) trait Progress: Send {
    fn cleaned(&mut self, clean: &Arc<Clean>);
    fn matched(&mut self, route: &Arc<BoundRoute>);
    fn admitted(&mut self, admitted: &Admitted);
    /// An authenticator was asked.
    fn asked(&mut self, _authenticator: &BoundAuthenticator, _answer: &Answer) {}
    fn identified(&mut self, identified: &Identified);
    /// Whether each rule of the route is of interest, also behind the first that refuses.
    fn wants_rules(&self) -> bool {
        false
    }
    /// A rule was looked at; why it is not met, where it is not.
    fn considered(&mut self, _rule: &str, _unmet: Option<&str>) {}
    fn permitted(&mut self, permitted: &Permitted);
}
