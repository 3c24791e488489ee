//! A suspended phone and a real server: the scenarios of `examples/elsewhere`, in real time, because the server's
//! clock is its own. What a server's own idle rule does to an app that does not run is seen here.

use std::path::Path;

use holdline::live::world::{LiveOptions, Pace, Server as There, play_live};
use holdline::port::Span;
use holdline::run::Verdict;
use holdline::scenario::{Presets, decode};
use holdline::wire::dialect::{Dialect, Vars};

use crate::line::vars;
use crate::server::Server;

/// Plays a file of `examples/elsewhere` with `server`, which speaks `dialect`.
pub(crate) fn play(file: &str, server: &Server, dialect: &str, keep_alive: Span) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/elsewhere");
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let scenario = decode(&text, &Presets::built_in(), &[]).unwrap();
    let there = There {
        address: ([127, 0, 0, 1], server.port).into(),
        dialect: Some(Dialect::bundled(dialect).unwrap().unwrap()),
        vars: Vars { device: String::new(), keep_alive, ..vars("") },
    };
    let options = LiveOptions { server: Some(there), ..LiveOptions::new(1, Pace::Times(1)) };
    let outcome = play_live(&scenario, &options, &mut ()).unwrap();
    let found = &outcome.judgements;
    assert_eq!(outcome.verdict, Verdict::Pass, "{found:#?}\nthe server: {}", server.log());
}
