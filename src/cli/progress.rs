//! A progress bar on stderr: only on a terminal, and only when there is something to wait for.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Who waits no longer than this needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far the runs have come.
pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
    shown: AtomicBool,
}

impl Progress {
    /// A bar for so many runs, not shown yet.
    pub(super) fn new(runs: u64) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} runs {eta} left") {
            bar.set_style(style);
        }
        let never = !std::io::stderr().is_terminal();
        Progress { bar, began: Instant::now(), shown: AtomicBool::new(never) }
    }

    /// One more run is done.
    pub(super) fn step(&self) {
        self.bar.inc(1);
        if self.began.elapsed() > PATIENCE && !self.shown.swap(true, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
