//! The system's clocks, and the run's clocks over the processes of the agent.
//!
//! `std::time::Instant` stands still while the device sleeps; what goes on is `CLOCK_MONOTONIC_RAW`. Both begin anew
//! with a boot: what tells boots apart is their session's UUID, else the time of the boot, which moves when the time of
//! day is set (then the run's clock goes on by the time of day, as after a boot).
//!
//! Only a phone can tell whether an app may ask for the UUID.

use std::ffi::CStr;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::device::agent::orders::write_whole;
use crate::device::system::clocks::{Reading, RunClock};

const FILE: &str = "holdline-clock.json";

/// The clock of the run whose files are in `dir`: as it goes on, or from now; and whether the device has booted since
/// the process before.
///
/// # Errors
/// When it cannot be written down.
pub(super) fn of_run(dir: &Path, begun: bool) -> io::Result<(RunClock, bool)> {
    let now = read();
    let kept = std::fs::read(dir.join(FILE)).ok().filter(|_| begun);
    let kept = kept.and_then(|bytes| serde_json::from_slice::<RunClock>(&bytes).ok());
    let (clock, booted) = match kept {
        Some(clock) => clock.go_on(boot(), now),
        None => (RunClock::begin(boot(), now), false),
    };
    write_whole(dir, FILE, &serde_json::to_vec(&clock)?)?;
    Ok((clock, booted))
}

/// What the system's clocks say.
pub(super) fn read() -> Reading {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    Reading {
        continuous: clock(libc::CLOCK_MONOTONIC_RAW),
        uptime: clock(libc::CLOCK_UPTIME_RAW),
        wall: i64::try_from(wall).unwrap_or(i64::MAX),
    }
}

/// A clock in microseconds.
fn clock(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the place for the time lives until the call returns. It fails only for a clock that there is not.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000).saturating_add(nanoseconds / 1_000)
}

/// What names this boot.
fn boot() -> String {
    if let Some(session) = text(c"kern.bootsessionuuid") {
        return session;
    }
    let time = control(c"kern.boottime").unwrap_or_default();
    // The seconds of a `timeval`, which are its first eight bytes.
    let seconds = time.first_chunk::<8>().map_or(0, |bytes| i64::from_ne_bytes(*bytes));
    format!("booted {seconds}")
}

/// A text that the kernel has under this name.
pub(super) fn text(name: &CStr) -> Option<String> {
    let bytes = control(name)?;
    let text = CStr::from_bytes_until_nul(&bytes).ok()?.to_str().ok()?;
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// What the kernel has under this name, as bytes.
fn control(name: &CStr) -> Option<Vec<u8>> {
    let mut bytes = vec![0_u8; 256];
    let mut size = bytes.len();
    // SAFETY: the name ends with a zero; the buffer is as long as `size` says, and both live until the call returns.
    let failed = unsafe {
        libc::sysctlbyname(
            name.as_ptr(),
            bytes.as_mut_ptr().cast(),
            &raw mut size,
            std::ptr::null_mut(),
            0,
        )
    };
    bytes.truncate(size);
    Some(bytes).filter(|_| failed == 0)
}
