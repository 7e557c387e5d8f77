//! What the process takes of the machine, under the names that Prometheus gives these meters.
//!
//! Read from `/proc`; where there is none, the meters are left out.

use std::fmt::Write as _;
use std::fs;

/// Ticks per second in `/proc/*/stat`; a constant of Linux' user interface, whatever its own clock.
const TICKS_PER_SECOND: f64 = 100.0;

pub(super) fn add(text: &mut String) {
    if let Some(bytes) = resident_bytes() {
        add_one(text, "process_resident_memory_bytes", "gauge", "Memory in use", &bytes);
    }
    if let Ok(entries) = fs::read_dir("/proc/self/fd") {
        add_one(text, "process_open_fds", "gauge", "Open file descriptors", &entries.count());
    }
    if let Some(most) = max_descriptors() {
        add_one(text, "process_max_fds", "gauge", "Most file descriptors", &most);
    }
    if let Some(seconds) = cpu_seconds() {
        let name = "process_cpu_seconds";
        let _ = writeln!(
            text,
            "# HELP {name} Processor time used.\n# TYPE {name} counter\n{name}_total {seconds}"
        );
    }
}

fn add_one(text: &mut String, name: &str, kind: &str, help: &str, value: &dyn std::fmt::Display) {
    let _ = writeln!(text, "# HELP {name} {help}.\n# TYPE {name} {kind}\n{name} {value}");
}

/// `VmRSS:     1234 kB` (`proc_pid_status(5)`).
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

/// `Max open files  1024  524288  files`: the first is what holds (`proc_pid_limits(5)`).
fn max_descriptors() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// Fields 14 and 15 (`proc_pid_stat(5)`), counted after the name, which may hold anything.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}
