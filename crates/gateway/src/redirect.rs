//! Plain listeners that only send away (`redirect_to_https`).
//!
//! 1. The site is that of `public_url`, never that of the request: its `Host` is anybody's word.
//! 2. Path and query are kept in their canonical form, so that what has none is refused here.
//! 3. 308 (RFC 9110 section 15.4.9): the method stays. What was sent in the clear has been seen by
//!    then; it is not passed on, and no credential is looked at.

use crate::event::Event;
use crate::head::Head;
use crate::progress::Progress as _;
use crate::rejection::{Reason, Rejection};
use crate::stage::{Clean, Ingress};

/// The answer to a request on such a listener.
pub(crate) fn to(site: &str, head: Head, ingress: &Ingress<'_>, event: &mut Event) -> Rejection {
    match Clean::new(head, ingress) {
        Ok(clean) => {
            event.cleaned(&clean);
            let location = format!("{site}{}", clean.target());
            Rejection::new(Reason::ToHttps(location), "plain listener")
        }
        Err(rejection) => rejection,
    }
}
