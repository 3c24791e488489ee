//! What the machine is, what it allows, and what a process takes of it.

use std::fs;

use serde::Serialize;

use super::error::BenchError;

/// What was measured on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Machine {
    /// How many processors this process may use.
    pub cores: usize,
    /// The processor, as it calls itself.
    pub processor: Option<String>,
    /// The system and its version.
    pub kernel: String,
    /// Memory in bytes.
    pub memory: Option<u64>,
}

impl Machine {
    /// This one.
    pub fn this() -> Machine {
        let line = |path: &str, key: &str| {
            let text = fs::read_to_string(path).ok()?;
            let line = text.lines().find(|line| line.starts_with(key))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Machine {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: line("/proc/cpuinfo", "model name"),
            kernel: format!("{} {}", std::env::consts::OS, release.trim()).trim().to_owned(),
            memory: line("/proc/meminfo", "MemTotal").and_then(|text| kilobytes(&text)),
        }
    }
}

/// `123 kB`, in bytes.
fn kilobytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// How many descriptors a process may have now, if the system says so.
pub(super) fn descriptors() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Says so if a process may not have `needed` descriptors.
pub(super) fn allows(
    allowed: Option<u64>,
    needed: u64,
    who: &'static str,
    option: &'static str,
) -> Result<(), BenchError> {
    match allowed {
        Some(allowed) if allowed < needed => {
            Err(BenchError::Descriptors { who, needed, allowed, option })
        }
        Some(_) | None => Ok(()),
    }
}

/// The memory of a process, in bytes.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Memory {
    /// All that is in memory, what it shares with others included.
    pub(super) resident: u64,
    /// What is its own and comes from no file: heap and stacks.
    pub(super) anonymous: u64,
}

/// The memory of all these processes together; `None` where the system does not say.
pub(super) fn memory(pids: &[u32]) -> Option<Memory> {
    if pids.is_empty() {
        return None;
    }
    pids.iter().try_fold(Memory::default(), |sum, pid| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let of = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key))?;
            kilobytes(line.strip_prefix(':')?)
        };
        Some(Memory {
            resident: sum.resident + of("Rss")?,
            anonymous: sum.anonymous + of("Anonymous")?,
        })
    })
}

/// The processor time of all threads of these processes, in nanoseconds.
pub(super) fn processor_time(pids: &[u32]) -> Option<u64> {
    if pids.is_empty() {
        return None;
    }
    let mut sum = 0;
    for pid in pids {
        for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
            // A thread may end meanwhile; it took next to nothing then.
            let text = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            let first = text.split_whitespace().next().and_then(|text| text.parse().ok());
            sum += first.unwrap_or(0_u64);
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_descriptors_are_told_with_the_command_that_allows_more() {
        let error = allows(Some(1024), 10_020, "a server", "--servers").expect_err("too few");
        let text = error.to_string();
        assert!(text.contains("`ulimit -n 10020`") && text.contains("--servers"), "{text}");
        assert!(allows(None, 10_020, "a server", "--servers").is_ok());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_has_memory_and_has_taken_time() {
        let me = [std::process::id()];
        let memory = memory(&me).expect("Linux says so");
        assert!(memory.resident > 0 && memory.anonymous > 0);
        assert!(processor_time(&me).expect("Linux says so") > 0);
    }
}
