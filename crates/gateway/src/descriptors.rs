//! How many connections the descriptors of this process allow: each takes one for the downstream
//! and up to one for the target.

/// Descriptors that are kept for files, listeners, logs and the stores.
const RESERVED: usize = 128;
/// The fewest connections of a worker, however little the system allows.
const FEWEST: usize = 16;

/// The connections of one worker, at most as many as there are descriptors for.
pub(crate) fn bound(wanted: usize, workers: usize) -> usize {
    let Some(allowed) = soft_limit().map(|limit| share(limit, workers)) else { return wanted };
    if allowed < wanted {
        tracing::warn!(wanted, allowed, "fewer connections than configured: raise `ulimit -n`");
    }
    wanted.min(allowed)
}

fn share(limit: usize, workers: usize) -> usize {
    (limit.saturating_sub(RESERVED) / 2 / workers.max(1)).max(FEWEST)
}

/// The soft limit of open files, as Linux tells it; `None` where there is no bound to be read.
fn soft_limit() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_has_two_descriptors() {
        assert_eq!(share(1024, 2), 224);
        assert_eq!(share(100, 2), FEWEST);
        assert!(soft_limit().is_some());
    }
}
