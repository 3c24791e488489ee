//! The server with a store that does what a test tells it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use holdline::live::server::Kind;
use holdline::live::server::api::{Accepted, Refused};
use holdline::live::server::storage::{Done, Loaded, Store, Stored, Write};
use mio::Waker;

use crate::client::Client;
use crate::server::{Server, serve};

#[derive(Default)]
struct State {
    submitted: VecDeque<(u64, Vec<Write>)>,
    done: Vec<Done>,
    waker: Option<Arc<Waker>>,
}

#[derive(Clone, Default)]
struct Told(Arc<Mutex<State>>);

impl Store for Told {
    fn submit(&mut self, batch: u64, writes: Vec<Write>) {
        self.0.lock().unwrap().submitted.push_back((batch, writes));
    }

    fn finished(&mut self, done: &mut Vec<Done>) {
        done.append(&mut self.0.lock().unwrap().done);
    }
}

impl Told {
    fn server(&self, loaded: Loaded) -> Server {
        let store = self.clone();
        serve(
            |_| {},
            Kind::Tcp,
            move |waker| {
                store.0.lock().unwrap().waker = Some(waker);
                Some((Box::new(store), loaded))
            },
        )
    }

    /// The next batch; it is finished with `result`.
    fn finish(&self, server: &Server, result: Result<(), &str>) -> Vec<Write> {
        server.wait_until("a batch", |_| !self.0.lock().unwrap().submitted.is_empty());
        let mut state = self.0.lock().unwrap();
        let (batch, writes) = state.submitted.pop_front().unwrap();
        state.done.push(Done { batch, result: result.map_err(str::to_owned) });
        state.waker.as_ref().unwrap().wake().unwrap();
        writes
    }
}

fn add(id: u64, payload: &str) -> Write {
    let (device, payload) = ("phone".into(), payload.into());
    Write::Add { id, device, payload, expires_unix_ms: None }
}

fn remove(id: u64) -> Write {
    Write::Remove { id, device: "phone".into() }
}

#[test]
fn a_push_is_accepted_and_sent_only_when_the_store_has_it() {
    let store = Told::default();
    let server = store.server(Loaded { pushes: Vec::new(), next_id: 100 });
    let mut phone = Client::device(server.address, "phone");
    std::thread::scope(|scope| {
        let pushed = scope.spawn(|| server.push("phone", "one"));
        server.wait_until("submitted", |_| !store.0.lock().unwrap().submitted.is_empty());
        assert!(!pushed.is_finished());
        phone.say("PING 1\n");
        assert_eq!(phone.line(), "PONG 1", "nothing comes before");
        assert_eq!(store.finish(&server, Ok(())), [add(100, "one")]);
        assert_eq!(pushed.join().unwrap(), Ok(Accepted { id: 100, devices: 1 }));
    });
    assert_eq!(phone.line(), "PUSH 100 one");
    phone.say("ACK 100\n");
    assert_eq!(store.finish(&server, Ok(())), [remove(100)]);
}

#[test]
fn a_store_that_fails_refuses_and_the_server_goes_on() {
    let store = Told::default();
    let server = store.server(Loaded::default());
    std::thread::scope(|scope| {
        let pushed = scope.spawn(|| server.push("phone", "one"));
        store.finish(&server, Err("the disk is full"));
        assert_eq!(pushed.join().unwrap(), Err(Refused::Store("the disk is full".into())));
        assert_eq!(server.stat("holdline_devices", None), 0, "nothing stays of it");
        let pushed = scope.spawn(|| server.push("phone", "two"));
        assert_eq!(store.finish(&server, Ok(())), [add(2, "two")]);
        assert_eq!(pushed.join().unwrap().map(|accepted| accepted.id), Ok(2));
    });
    assert_eq!(Client::device(server.address, "phone").line(), "PUSH 2 two");
}

#[test]
fn what_was_kept_waits_again_and_a_removal_that_fails_is_tried_again() {
    let store = Told::default();
    let kept = |id, payload: &str, expires_unix_ms| {
        let (device, payload) = ("phone".into(), payload.into());
        Stored { id, device, payload, expires_unix_ms }
    };
    let pushes = vec![kept(3, "three", None), kept(5, "late", Some(1_000))];
    let server = store.server(Loaded { pushes, next_id: 9 });
    let mut phone = Client::device(server.address, "phone");
    assert_eq!(phone.line(), "PUSH 3 three");
    assert_eq!(store.finish(&server, Err("busy")), [remove(5)], "it had expired");
    phone.say("ACK 3\n");
    // Not at once: a store that fails is left alone for a while.
    std::thread::sleep(Duration::from_millis(100));
    assert!(store.0.lock().unwrap().submitted.is_empty());
    let mut removed = store.finish(&server, Ok(()));
    removed.sort_by_key(|write| matches!(write, Write::Remove { id: 5, .. }));
    assert_eq!(removed, [remove(3), remove(5)]);
}

#[test]
fn a_device_is_not_forgotten_while_a_push_for_it_waits_for_the_store() {
    let store = Told::default();
    let server = store.server(Loaded::default());
    std::thread::scope(|scope| {
        let pushed = scope.spawn(|| server.push("phone", "one"));
        server.wait_until("submitted", |_| !store.0.lock().unwrap().submitted.is_empty());
        drop(Client::device(server.address, "phone"));
        server.wait_for("holdline_connections", 0);
        store.finish(&server, Ok(()));
        assert!(pushed.join().unwrap().is_ok());
    });
    assert_eq!(Client::device(server.address, "phone").line(), "PUSH 1 one");
}
