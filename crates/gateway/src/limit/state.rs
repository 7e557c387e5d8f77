//! What is counted for one route; it outlives a reload.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::Admission;
use super::concurrency::Slot;
use super::gcra::{Gcra, Verdict};
use super::quota::Quota;
use super::rule::RateLimit;
use super::table::Table;
use crate::decide::Grounds;
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
        let mut rules: Vec<_> = admission.rate_limits.iter().map(counted).collect();
        // What one caller is refused must not count against all of them.
        rules.sort_by_key(|counted| counted.rule.by.is_of_all());
        Self {
            rules,
            max_concurrent: admission.max_concurrent,
            under_way: before.map(|before| Arc::clone(&before.under_way)).unwrap_or_default(),
        }
    }

    /// Whether anything is counted.
    pub(crate) fn is_none(&self) -> bool {
        self.rules.is_empty() && self.max_concurrent.is_none()
    }

    /// Counts a request by what is known before anybody is authenticated.
    pub(crate) fn before(
        &self,
        clean: &Clean,
        grounds: &Grounds<'_>,
    ) -> Result<Vec<Quota>, Rejection> {
        self.count(false, clean, None, grounds)
    }

    /// Counts a request by who makes it.
    pub(crate) fn after(
        &self,
        clean: &Clean,
        identity: &Identity,
        grounds: &Grounds<'_>,
    ) -> Result<Vec<Quota>, Rejection> {
        self.count(true, clean, Some(identity), grounds)
    }

    /// Takes a place among the requests under way, where their number is limited. Who finds none is
    /// told where they stand, and nothing is counted: they will come again.
    pub(crate) fn slot(
        &self,
        clean: &Clean,
        identity: &Identity,
        grounds: &Grounds<'_>,
    ) -> Result<Option<Arc<Slot>>, Rejection> {
        let limit = match self.take() {
            Ok(slot) => return Ok(slot),
            Err(limit) => limit,
        };
        let now = nanoseconds(grounds);
        let quota = |counted: &Arc<Counted>| {
            let key = counted.rule.by.key(clean, Some(identity));
            let verdict = counted.table.peek(&counted.gcra, key, now);
            // What it would take if it were counted is there still.
            let remaining = verdict.remaining + u64::from(verdict.is_admitted);
            Quota::new(&counted.rule, &Verdict { remaining, ..verdict })
        };
        let quotas = self.of(true).map(quota).collect();
        Err(Rejection::new(Reason::Crowded(quotas), format!("max_concurrent: {limit}")))
    }

    /// A place, where their number is limited; that number where all are taken.
    fn take(&self) -> Result<Option<Arc<Slot>>, u32> {
        let Some(limit) = self.max_concurrent else { return Ok(None) };
        Slot::take(&self.under_way, limit).map(|slot| Some(Arc::new(slot))).ok_or(limit)
    }

    fn count(
        &self,
        is_after: bool,
        clean: &Clean,
        identity: Option<&Identity>,
        grounds: &Grounds<'_>,
    ) -> Result<Vec<Quota>, Rejection> {
        let mut quotas = Vec::new();
        let now = nanoseconds(grounds);
        for counted in self.of(is_after) {
            let key = counted.rule.by.key(clean, identity);
            let verdict = if grounds.is_dry {
                counted.table.peek(&counted.gcra, key, now)
            } else {
                counted.table.judge(&counted.gcra, key, now)
            };
            quotas.push(Quota::new(&counted.rule, &verdict));
            if !verdict.is_admitted {
                let detail = format!("rate_limit: {}", counted.rule.name());
                return Err(Rejection::new(Reason::RateLimited(quotas), detail));
            }
        }
        Ok(quotas)
    }

    /// The rules that are asked before anybody is known, or after.
    fn of(&self, is_after: bool) -> impl Iterator<Item = &Arc<Counted>> {
        self.rules.iter().filter(move |counted| counted.rule.by.needs_identity() == is_after)
    }
}

fn nanoseconds(grounds: &Grounds<'_>) -> i64 {
    grounds.now.as_micros().saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::keys::CountBy;
    use super::*;

    #[test]
    fn a_reload_forgets_neither_places_nor_counts_of_the_same_rule() {
        let rule = |requests| {
            RateLimit::new(requests, Duration::from_mins(1), None, CountBy::Route).unwrap()
        };
        let admission = |requests, max_concurrent| Admission {
            rate_limits: vec![rule(requests)],
            max_concurrent: Some(max_concurrent),
            ..Admission::default()
        };
        let first = LimitState::new(&admission(1, 1), None);
        let slot = first.take().unwrap();
        let same = LimitState::new(&admission(1, 1), Some(&first));
        assert!(Arc::ptr_eq(&same.rules[0], &first.rules[0]));
        assert_eq!(same.take().unwrap_err(), 1);
        let more = LimitState::new(&admission(2, 2), Some(&same));
        assert!(!Arc::ptr_eq(&more.rules[0], &first.rules[0]));
        assert!(more.take().unwrap().is_some());
        drop(slot);
        assert!(same.take().unwrap().is_some());
    }
}
