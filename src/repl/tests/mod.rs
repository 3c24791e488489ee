//! Rules of a session, one a test.

mod acting;
mod expecting;
mod naming;
mod saving;
mod setting;
mod travelling;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Desk, Flow, Interrupt, Opening, Session, Unopened, Unwritten};
use crate::trace::Event;

/// A desk whose files are in memory.
#[derive(Clone, Default)]
struct Shelf(Rc<RefCell<BTreeMap<String, String>>>);

impl Shelf {
    fn text(&self, file: &str) -> String {
        self.0.borrow().get(file).cloned().unwrap_or_default()
    }
}

impl Desk for Shelf {
    fn read(&self, file: Option<&str>, path: &str) -> Result<Vec<u8>, String> {
        let folder = file.and_then(|file| file.rsplit_once('/')).map_or("", |(folder, _)| folder);
        let path = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
        let files = self.0.borrow();
        let text = files.get(&path).ok_or(format!("{path} cannot be read"))?;
        Ok(text.clone().into_bytes())
    }

    fn write(&mut self, file: &str, text: &str, replace: bool) -> Result<(), Unwritten> {
        if !replace && self.0.borrow().contains_key(file) {
            return Err(Unwritten::Exists);
        }
        self.0.borrow_mut().insert(file.to_owned(), text.to_owned());
        Ok(())
    }
}

fn opened(opening: Opening, shelf: &Shelf) -> Session {
    match Session::open(opening, Box::new(shelf.clone())) {
        Ok(session) => session,
        Err(Unopened::Mistakes(problems)) => panic!("{problems:#?}"),
        Err(Unopened::Refused(refusal)) => panic!("{refusal}"),
    }
}

/// A session without a scenario.
fn empty() -> Session {
    opened(Opening::default(), &Shelf::default())
}

/// A session in this scenario.
fn session(text: &str) -> Session {
    let opening = Opening {
        text: Some(text.to_owned()),
        file: Some("a.toml".to_owned()),
        ..Opening::default()
    };
    opened(opening, &Shelf::default())
}

fn execute(session: &mut Session, text: &str) -> (Result<Flow, String>, String) {
    let mut out = String::new();
    let flow = session.execute(text, &mut out, &Interrupt::new());
    let out = anstream::adapter::strip_str(&out).to_string();
    (flow.map_err(|refusal| anstream::adapter::strip_str(refusal.message()).to_string()), out)
}

/// What a command says, which is done.
fn told(session: &mut Session, text: &str) -> String {
    match execute(session, text) {
        (Ok(_), out) => out,
        (Err(refusal), _) => panic!("`{text}` was refused: {refusal}"),
    }
}

/// Does all of these.
fn all(session: &mut Session, lines: &[&str]) {
    for line in lines {
        told(session, line);
    }
}

/// Why a command is not done. Nothing has changed then.
fn refused(session: &mut Session, text: &str) -> String {
    let before = (session.text.clone(), session.brief(), events(session));
    let (Err(refusal), _) = execute(session, text) else { panic!("`{text}` was not refused") };
    assert_eq!((session.text.clone(), session.brief(), events(session)), before, "{text}");
    refusal
}

fn events(session: &Session) -> Vec<Event> {
    session.ground().events().to_vec()
}

/// Where a session stands, in microseconds.
fn now(session: &Session) -> u64 {
    session.brief().now.as_micros()
}
