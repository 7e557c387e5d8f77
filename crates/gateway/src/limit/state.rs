//! What is counted for one route; it outlives a reload.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use symbolon_core::Timestamp;

use super::Admission;
use super::concurrency::Slot;
use super::gcra::Gcra;
use super::quota::Quota;
use super::rule::RateLimit;
use super::table::Table;
use crate::rejection::{Reason, Rejection};
use crate::stage::{Clean, Identity};

/// The counts of a route.
#[derive(Debug, Default)]
pub(crate) struct LimitState {
    rules: Vec<Arc<Counted>>,
    max_concurrent: Option<u32>,
    under_way: Arc<AtomicU32>,
}

/// A rule with its counts.
#[derive(Debug)]
struct Counted {
    rule: RateLimit,
    gcra: Gcra,
    table: Table,
}

impl LimitState {
    /// The counts for a route's rules; those of before go on where the rule is the same.
    pub(crate) fn new(admission: &Admission, before: Option<&Self>) -> Self {
        let known = |rule: &RateLimit| {
            before?.rules.iter().find(|counted| counted.rule == *rule).map(Arc::clone)
        };
        let counted = |rule: &RateLimit| {
            known(rule).unwrap_or_else(|| {
                let (rule, gcra) = (rule.clone(), Gcra::of(rule));
                Arc::new(Counted { rule, gcra, table: Table::default() })
            })
        };
        Self {
            rules: admission.rate_limits.iter().map(counted).collect(),
            max_concurrent: admission.max_concurrent,
            under_way: before.map(|before| Arc::clone(&before.under_way)).unwrap_or_default(),
        }
    }

    /// Counts a request by what is known before anybody is authenticated.
    pub(crate) fn before(&self, clean: &Clean, now: Timestamp) -> Result<Vec<Quota>, Rejection> {
        self.count(false, clean, None, now)
    }

    /// Counts a request by who makes it.
    pub(crate) fn after(
        &self,
        clean: &Clean,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<Vec<Quota>, Rejection> {
        self.count(true, clean, Some(identity), now)
    }

    /// Takes a place among the requests under way, where their number is limited.
    pub(crate) fn slot(&self) -> Result<Option<Arc<Slot>>, Rejection> {
        let Some(limit) = self.max_concurrent else { return Ok(None) };
        match Slot::take(&self.under_way, limit) {
            Some(slot) => Ok(Some(Arc::new(slot))),
            None => Err(Rejection::new(Reason::Crowded, format!("max_concurrent: {limit}"))),
        }
    }

    fn count(
        &self,
        is_after: bool,
        clean: &Clean,
        identity: Option<&Identity>,
        now: Timestamp,
    ) -> Result<Vec<Quota>, Rejection> {
        let mut quotas = Vec::new();
        let now = now.as_micros().saturating_mul(1_000);
        for counted in
            self.rules.iter().filter(|counted| counted.rule.by.needs_identity() == is_after)
        {
            let key = counted.rule.by.key(clean, identity);
            let verdict = counted.table.judge(&counted.gcra, key, now);
            let quota = Quota::new(&counted.rule, &verdict);
            if !verdict.is_admitted {
                let detail = format!("rate_limit: {}", quota.name());
                return Err(Rejection::new(Reason::RateLimited(Box::new(quota)), detail));
            }
            quotas.push(quota);
        }
        Ok(quotas)
    }
}
