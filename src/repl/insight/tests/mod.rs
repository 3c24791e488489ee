//! Scenarios played to a time, and what is seen there.

mod due;
mod shown;
mod whys;

use std::path::Path;
use std::sync::Arc;

use super::View;
use crate::client::Client;
use crate::port::{Span, Time};
use crate::run::{Player, setup};
use crate::scenario::{Presets, Scenario, decode, decode_all, is_fragment};
use crate::sim::{Setup, World};
use crate::trace::{Event, Recorder, What};

fn secs(secs: u64) -> Time {
    Span::from_secs(secs).from_start()
}

fn scenario(text: &str) -> Scenario {
    decode(text, &Presets::built_in(), &[]).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The bundled scenario at this path; the first where it varies.
fn bundled(path: &str) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(path);
    all(&file).remove(0)
}

fn all(file: &Path) -> Vec<Scenario> {
    let text = std::fs::read_to_string(file).expect("a scenario");
    if is_fragment(&text) {
        return Vec::new();
    }
    let files = |name: &str| -> Result<Vec<u8>, String> {
        std::fs::read(file.with_file_name(name)).map_err(|error| error.to_string())
    };
    decode_all(&text, &Presets { files }, &[]).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Every bundled scenario.
fn everything() -> Vec<Scenario> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.iter().flat_map(|file| all(file)).collect()
}

/// A scenario that stands at a time.
struct Played<'s> {
    scenario: &'s Scenario,
    setup: Arc<Setup>,
    player: Player<'s, World<Client>>,
    recorder: Recorder,
    now: Time,
}

impl<'s> Played<'s> {
    fn new(scenario: &'s Scenario) -> Played<'s> {
        let setup = Arc::new(setup(scenario, scenario.seed));
        let strategy = Arc::new(scenario.client.values.clone());
        let make = |device| Client::new(Arc::clone(&strategy), device);
        let numbers = 1..=scenario.devices;
        let world = World::new(Arc::clone(&setup), numbers.clone(), make);
        let mut player = Player::new(scenario, scenario.seed, numbers, world);
        let mut recorder = Recorder::default();
        player.start(&mut recorder);
        Played { scenario, setup, player, recorder, now: Time::ZERO }
    }

    /// Lets everything happen that is due by `at`.
    fn until(&mut self, at: Time) {
        loop {
            let due = self.player.due();
            if due > at {
                break;
            }
            self.player.step(due, &mut self.recorder);
        }
        self.now = at;
    }

    /// The first device.
    fn view(&mut self) -> View<'_> {
        self.view_of(0)
    }

    fn view_of(&mut self, index: usize) -> View<'_> {
        let Played { scenario, setup, player, recorder, now } = self;
        let world: &World<Client> = player.stage();
        let (names, events) = (&scenario.names, &recorder.events);
        View::of(&world.devices()[index], setup, world.shared(), names, *now, events)
    }

    /// The events so far that are such.
    fn events(&self, is: impl Fn(&What) -> bool) -> Vec<Event> {
        self.recorder.events.iter().filter(|event| is(&event.what)).copied().collect()
    }

    /// When they happened.
    fn times(&self, is: impl Fn(&What) -> bool) -> Vec<Time> {
        self.events(is).iter().map(|event| event.at).collect()
    }

    fn text(&mut self, of: impl Fn(&View<'_>, &mut String)) -> String {
        let mut out = String::new();
        of(&self.view(), &mut out);
        for line in out.lines() {
            assert!(line.chars().count() <= super::WIDTH, "too long: {line}");
            assert!(!line.contains('\u{1b}'), "coloured: {line}");
        }
        assert!(out.ends_with('\n'), "{out}");
        out
    }
}
