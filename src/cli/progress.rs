//! A sign of life on stderr: only on a terminal, and only when there is something to wait for.

use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Who waits no longer than this needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it is drawn while nothing else happens.
const TICK: Duration = Duration::from_millis(100);

/// How far the runs have come: a bar for many, the time that one takes.
pub(super) struct Progress {
    bar: ProgressBar,
    /// Shows the bar when it is time, unless the sender is gone by then.
    shower: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// A bar for so many runs, not shown yet.
    pub(super) fn new(runs: u64) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(runs), ProgressDrawTarget::hidden());
        let template = match runs {
            0 | 1 => "{spinner} running for {elapsed}",
            2.. => "{spinner} {elapsed} {wide_bar} {pos}/{len} runs {eta} left",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let shower = std::io::stderr().is_terminal().then(|| shower(bar.clone()));
        Progress { bar, shower }
    }

    /// One more run is done.
    pub(super) fn step(&self) {
        self.bar.inc(1);
    }
}

/// Says on a terminal's stderr what is about to be done.
pub(super) fn announce(what: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("{what}");
    }
}

/// A thread that shows `bar` after a while; dropping the sender ends it.
fn shower(bar: ProgressBar) -> (Sender<()>, JoinHandle<()>) {
    let (sender, done) = channel();
    let show = move || {
        if done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
    };
    (sender, std::thread::spawn(show))
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.shower.take() {
            drop(sender);
            // It does nothing that could panic; and if it did, the bar is not worth a failure.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}
