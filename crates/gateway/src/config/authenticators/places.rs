//! Where in a request credentials stand.

use std::sync::Arc;

use http::header::HeaderName;

/// Places of a request that hold credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Headers.
    pub headers: Vec<HeaderName>,
    /// Parameters of the query.
    pub query: Vec<Arc<str>>,
    /// Cookies.
    pub cookies: Vec<Arc<str>>,
}

impl Places {
    /// These and those.
    pub fn extend(&mut self, others: Self) {
        fn add<T: PartialEq>(all: &mut Vec<T>, others: Vec<T>) {
            for other in others {
                if !all.contains(&other) {
                    all.push(other);
                }
            }
        }
        add(&mut self.headers, others.headers);
        add(&mut self.query, others.query);
        add(&mut self.cookies, others.cookies);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.query.is_empty() && self.cookies.is_empty()
    }
}
