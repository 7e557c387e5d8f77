//! CPU time and memory of processes with all their threads and children, from `/proc`.

use std::{collections::BTreeSet, fs, time::Duration};

use anyhow::{Context, Result};

/// CPU time of a group of processes at one moment.
pub(crate) struct Reading {
    total: Duration,
    workers: Duration,
    threads: BTreeSet<u32>,
}

/// What was used between two readings.
pub(crate) struct Used {
    /// User and system time together.
    pub(crate) time: Duration,
    /// The part of it that Symbolon's workers used: what is done for requests and not beside them.
    pub(crate) workers: Duration,
    /// Threads that ended in between: what they used since the first reading is lost.
    pub(crate) threads_lost: usize,
}

impl Reading {
    /// Sums `/proc/PID/task/*/schedstat` over the processes and their children.
    pub(crate) fn take(processes: &[u32]) -> Result<Self> {
        let (mut total, mut workers) = (Duration::ZERO, Duration::ZERO);
        let mut threads = BTreeSet::new();
        for process in with_children(processes) {
            for thread in thread_ids(process) {
                let path = format!("/proc/{process}/task/{thread}/schedstat");
                // A thread may end between the listing and the reading.
                let Ok(text) = fs::read_to_string(path) else {
                    continue;
                };
                let on_core = text.split(' ').next().and_then(|field| field.parse().ok());
                let used = Duration::from_nanos(on_core.context("schedstat has another form")?);
                total += used;
                if is_worker(process, thread) {
                    workers += used;
                }
                threads.insert(thread);
            }
        }
        Ok(Self { total, workers, threads })
    }

    /// What was used since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Used {
        Used {
            time: self.total.saturating_sub(earlier.total),
            workers: self.workers.saturating_sub(earlier.workers),
            threads_lost: earlier.threads.difference(&self.threads).count(),
        }
    }
}

/// CPU time that the whole machine has used since it started, all cores together.
pub(crate) fn of_machine() -> Result<Duration> {
    let text = fs::read_to_string("/proc/stat").context("cannot read /proc/stat")?;
    let line = text.lines().next().context("/proc/stat is empty")?;
    let fields: Vec<u64> =
        line.split_ascii_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal; the rest is contained in these.
    let [user, nice, system, _idle, _iowait, irq, softirq, steal] =
        fields.first_chunk::<8>().context("/proc/stat has another form")?;
    Ok(ticks(user + nice + system + irq + softirq + steal))
}

/// `USER_HZ` is 100 on every architecture that this runs on.
fn ticks(count: u64) -> Duration {
    Duration::from_millis(count * 10)
}

/// Proportional set size in MiB: pages shared between the processes count once.
pub(crate) fn memory(processes: &[u32]) -> f64 {
    with_children(processes)
        .into_iter()
        .filter_map(|process| {
            let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
            let line = text.lines().find(|line| line.starts_with("Pss:"))?;
            let kibibytes: u32 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
            Some(f64::from(kibibytes) / 1024.0)
        })
        .sum()
}

fn with_children(processes: &[u32]) -> BTreeSet<u32> {
    let mut all = BTreeSet::new();
    let mut waiting = processes.to_vec();
    while let Some(process) = waiting.pop() {
        if !all.insert(process) {
            continue;
        }
        for thread in thread_ids(process) {
            let path = format!("/proc/{process}/task/{thread}/children");
            let children = fs::read_to_string(path).unwrap_or_default();
            waiting
                .extend(children.split_ascii_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
    }
    all
}

fn is_worker(process: u32, thread: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{process}/task/{thread}/comm"));
    name.is_ok_and(|name| name.starts_with("worker-"))
}

fn thread_ids(process: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir(format!("/proc/{process}/task")) else {
        return Vec::new();
    };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Reading, memory};

    #[test]
    fn work_of_another_thread_is_counted() {
        let me = [std::process::id()];
        let before = Reading::take(&me).unwrap();
        let (finished, wait) = std::sync::mpsc::channel::<()>();
        let (done, seen) = std::sync::mpsc::channel::<()>();
        let worker = std::thread::spawn(move || {
            let sum: u64 = (0..20_000_000_u64).map(std::hint::black_box).sum();
            done.send(()).unwrap();
            let _ = wait.recv();
            sum
        });
        seen.recv().unwrap();
        let used = Reading::take(&me).unwrap().since(&before);
        drop(finished);
        worker.join().unwrap();
        assert!(used.time.as_micros() > 1_000, "{:?}", used.time);
    }

    #[test]
    fn memory_of_this_process_is_not_nothing() {
        assert!(memory(&[std::process::id()]) > 0.1);
    }
}
