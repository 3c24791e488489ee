//! Plays many scenarios under many seeds at once. The result does not depend on how many threads did it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::exit::CliError;
use super::live::{self, Live};
use super::load::Loaded;
use super::overrides::quoted;
use super::progress::Progress;
use super::trace_files;
use crate::report::human;
use crate::report::sentence::sentence;
use crate::report::{Determinism, Entry, Run, Subject, because, failure, timeline};
use crate::run::{Mode, Options, Verdict, check_determinism, play};
use crate::scenario::Override;
use crate::trace::Event;

/// What is asked of the runs.
pub(super) struct Wishes {
    /// How many run at once; all processors when absent.
    pub(super) jobs: Option<usize>,
    /// The first seed; the scenario's own when absent.
    pub(super) seed: Option<u64>,
    /// How many seeds; as many as the scenario says when absent.
    pub(super) runs: Option<u64>,
    /// Whether nothing is run that comes after a scenario that failed.
    pub(super) fail_fast: bool,
    /// Where traces go.
    pub(super) trace: Option<PathBuf>,
    /// Whether every seed is played twice and compared.
    pub(super) check_determinism: bool,
    /// Whether the sentence says what it all costs.
    pub(super) verbose: bool,
    /// Whether an end of the app and a lost push are explained even where everything is as expected.
    pub(super) explain: bool,
    /// Whether details are shown at all.
    pub(super) details: bool,
    /// Whether the events of the runs that are shown are kept.
    pub(super) events: bool,
    /// The width of the timeline, if there is to be one.
    pub(super) timeline: Option<usize>,
    /// What the user set, for the command that runs this again.
    pub(super) overrides: Vec<Override>,
    /// How fast, if it is played over real sockets.
    pub(super) live: Option<Live>,
}

impl Wishes {
    /// Under how many seeds a scenario is played. A seed that is asked for is played alone.
    fn runs(&self, subject: &Subject) -> u64 {
        let own = if self.seed.is_some() { 1 } else { subject.scenario.runs };
        self.runs.unwrap_or(own)
    }
}

/// One run to be made: of which scenario, under which seed.
#[derive(Copy, Clone)]
struct Task {
    scenario: usize,
    seed: u64,
}

/// Plays all; those that were left out by `fail_fast` are missing at the end.
///
/// # Errors
/// [`CliError`] when a seed does not exist, threads cannot be made or a trace cannot be written.
pub(super) fn play_all(loaded: Vec<Loaded>, wishes: &Wishes) -> Result<Vec<Entry>, CliError> {
    // Over real sockets most of a run is waiting.
    let jobs = wishes.jobs.or(wishes.live.as_ref().map(|_| live::JOBS));
    pool(jobs)?.install(|| {
        let tasks = tasks(&loaded, wishes)?;
        // Until the details are drawn, which may play runs once more.
        let progress = Progress::new(tasks.len() as u64);
        let runs = runs(&loaded, &tasks, wishes, &progress)?;
        let mut entries: Vec<Entry> = loaded
            .into_iter()
            .map(|one| Entry {
                subject: one.subject,
                runs: Vec::new(),
                detail: String::new(),
                events: None,
                baseline: None,
            })
            .collect();
        for (task, run) in tasks.iter().zip(runs) {
            entries[task.scenario].runs.extend(run);
        }
        if wishes.fail_fast {
            let first = entries.iter().position(|entry| entry.worst() == Verdict::Fail);
            entries.truncate(first.map_or(entries.len(), |first| first + 1));
        }
        if wishes.details || wishes.events {
            entries.par_iter_mut().for_each(|entry| explain(entry, wishes));
        }
        Ok(entries)
    })
}

/// So many threads; one a processor when absent.
///
/// # Errors
/// [`CliError`] when threads cannot be made.
pub(super) fn pool(jobs: Option<usize>) -> Result<rayon::ThreadPool, CliError> {
    let mut builder = rayon::ThreadPoolBuilder::new();
    if let Some(jobs) = jobs {
        builder = builder.num_threads(jobs);
    }
    builder
        .build()
        .map_err(|error| CliError::Environment(format!("threads cannot be started: {error}")))
}

fn tasks(loaded: &[Loaded], wishes: &Wishes) -> Result<Vec<Task>, CliError> {
    let mut tasks = Vec::new();
    for (scenario, one) in loaded.iter().enumerate() {
        let first = wishes.seed.unwrap_or(one.subject.scenario.seed);
        let runs = wishes.runs(&one.subject);
        let Some(last) = first.checked_add(runs - 1) else {
            let message = format!("there are no {runs} seeds from {first} on");
            return Err(CliError::WrongInput(message));
        };
        tasks.extend((first..=last).map(|seed| Task { scenario, seed }));
    }
    Ok(tasks)
}

/// A run for each task; none for what comes after a failure that ends it all.
fn runs(
    loaded: &[Loaded],
    tasks: &[Task],
    wishes: &Wishes,
    progress: &Progress,
) -> Result<Vec<Option<Run>>, CliError> {
    let traces = wishes.trace.as_ref().map(|dir| trace_files::names(dir, loaded));
    // The first scenario that failed so far. It only ever moves forward in the list, so that all before
    // the final one have been run, whatever the order of threads.
    let failed = AtomicUsize::new(usize::MAX);
    tasks
        .par_iter()
        .map(|task| {
            if wishes.fail_fast && task.scenario > failed.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let trace = traces.as_ref().map(|names| {
                let several = wishes.runs(&loaded[task.scenario].subject) > 1;
                trace_files::file(&names[task.scenario], task.seed, several)
            });
            let run = run(&loaded[task.scenario].subject, task.seed, trace, wishes)?;
            if run.outcome.verdict == Verdict::Fail {
                failed.fetch_min(task.scenario, Ordering::Relaxed);
            }
            progress.step();
            Ok(Some(run))
        })
        .collect()
}

fn run(
    subject: &Subject,
    seed: u64,
    trace: Option<PathBuf>,
    wishes: &Wishes,
) -> Result<Run, CliError> {
    let scenario = &subject.scenario;
    let options = Options { seed, mode: Mode::default(), trace: trace.is_some() };
    let outcome = match &wishes.live {
        Some(live) => {
            let outcome = live::play(subject, seed, live)?;
            if let (Some(path), Some(events)) = (trace, &outcome.events) {
                trace_files::write(&path, scenario, seed, events)?;
            }
            outcome
        }
        None => {
            let mut outcome = play(scenario, options);
            if let (Some(path), Some(events)) = (trace, outcome.events.take()) {
                trace_files::write(&path, scenario, seed, &events)?;
            }
            outcome
        }
    };
    let determinism = wishes
        .check_determinism
        .then(|| check_determinism(scenario, seed).map_or(Determinism::Same, Determinism::Differs));
    let sentence = sentence(scenario, &outcome.totals, wishes.verbose);
    Ok(Run { sentence, reproduce: reproduce(subject, seed, wishes), determinism, outcome })
}

/// The command that makes this run again.
fn reproduce(subject: &Subject, seed: u64, wishes: &Wishes) -> String {
    let mut command = format!("holdline run {} --seed {seed}", quoted(&subject.file));
    if let Some(live) = &wishes.live {
        command.push_str(&format!(" --world live --speed {}", live.speed));
        command.push_str(&live.words);
    }
    let outside = || wishes.overrides.iter().filter(|over| over.key != "seed");
    let variant = subject.scenario.variant.iter().map(|(key, value)| (key, value));
    // A value of [vary] that was chosen from outside is told once.
    let own = variant.filter(|(key, _)| outside().all(|over| over.key != **key));
    for (key, value) in own.chain(outside().map(|over| (&over.key, &over.value))) {
        command.push_str(&format!(" --set {}", quoted(&format!("{key}={value}"))));
    }
    command
}

/// More timer firings and arrivals than this make more events than are kept for a drawing.
const MOST_DRAWN: u64 = 2_000_000;

/// Adds to `entry` what is shown of it beside its verdict; played once more if that needs the events.
fn explain(entry: &mut Entry, wishes: &Wishes) {
    let Some(run) = entry.shown() else { return };
    let outcome = &run.outcome;
    let scenario = &entry.subject.scenario;
    let drawable = outcome.totals.logical_events() <= MOST_DRAWN;
    let told = wishes.explain || outcome.verdict != Verdict::Pass;
    let drawn = wishes.events || wishes.timeline.is_some();
    let needed =
        drawn || failure::needs_events(outcome) || told && because::needs_events(scenario, outcome);
    let options = Options { seed: outcome.seed, mode: Mode::default(), trace: true };
    // What happened over real sockets does not happen again.
    let events = match (&outcome.events, drawable && needed) {
        (Some(events), true) => events.clone(),
        (None, true) => play(scenario, options).events.unwrap_or_default(),
        (_, false) => Vec::new(),
    };
    let detail = match wishes.details {
        true => detail(entry, run, &events, drawable, wishes),
        false => String::new(),
    };
    entry.detail = detail;
    entry.events = (wishes.events && drawable).then_some(events);
}

/// What is shown under the line of a scenario.
fn detail(entry: &Entry, run: &Run, events: &[Event], drawable: bool, wishes: &Wishes) -> String {
    let scenario = &entry.subject.scenario;
    let mut detail = match wishes.explain || run.outcome.verdict != Verdict::Pass {
        true => because::because(scenario, &run.outcome, events),
        false => String::new(),
    };
    let sometimes = failure::sometimes(scenario, &entry.sometimes(), entry.runs.len());
    detail.push_str(&failure::failure(scenario, &run.outcome, events, &run.reproduce));
    detail.push_str(&sometimes);
    match wishes.timeline {
        Some(_) if !drawable => {
            let most = human::count(MOST_DRAWN);
            detail.push_str(&format!(
                "    no timeline: more than {most} timer firings and arrivals; shorten `duration`\n"
            ));
        }
        Some(width) => {
            if entry.runs.len() > 1 {
                detail.push_str(&format!("    drawn: seed {}\n", run.outcome.seed));
            }
            detail.push_str(&timeline::draw(scenario, events, width));
        }
        None => {}
    }
    detail
}
