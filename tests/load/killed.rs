//! SIGKILL while pushes are accepted: what was answered DONE arrives, in order, and is shown once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use crate::client::{Client, connect};
use crate::serving::{Serving, TOKEN};
use crate::{number, pushed};

/// Devices; the even ones are connected while pushes come.
const DEVICES: usize = 20;

/// What a device has shown. It remembers ids as the client's de-duplication does (`holdline::client`), with a set in
/// place of its ring: what comes again under the same id is acknowledged and not shown.
#[derive(Default)]
struct Phone {
    ids: BTreeSet<u64>,
    shown: Vec<usize>,
    again: usize,
}

impl Phone {
    /// Takes a line; answers what it says.
    fn took(&mut self, line: &str) -> Option<String> {
        let (id, payload) = pushed(line)?;
        if self.ids.insert(id) {
            self.shown.push(payload.parse().unwrap());
        } else {
            self.again += 1;
        }
        Some(format!("ACK {id}\n"))
    }
}

fn start(store: &Path) -> (Serving, SocketAddr) {
    let store = store.to_str().unwrap();
    // Every push for a device that is away has its place.
    let args = ["--listen", "0", "--store", store, "--set", "queue.limit=100000"];
    let mut server = Serving::start(&args);
    let address = server.address("tcp");
    (server, address)
}

/// A device that shows and acknowledges until its connection ends.
fn shows(address: SocketAddr, device: usize, mut phone: Phone) -> Phone {
    let mut writer = connect(address);
    writer.write_all(format!("HELLO 1 phone-{device}\n").as_bytes()).unwrap();
    let mut reader = BufReader::new(writer.try_clone().unwrap());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).is_err() || line.is_empty() {
            return phone;
        }
        // Half a line is what a killed server leaves.
        let answer = line.strip_suffix('\n').and_then(|line| phone.took(line));
        if let Some(answer) = answer {
            // The other side may be gone; what it had said is read still.
            let _ = writer.write_all(answer.as_bytes());
        }
    }
}

/// A device that shows all that waits for it, acknowledges it and goes.
fn catches_up(address: SocketAddr, device: usize, phone: &mut Phone) {
    let mut client = Client::device(address, &format!("phone-{device}"));
    client.say("PING 1\n");
    loop {
        match &*client.line() {
            "PONG 1" => break,
            line => {
                let answer = phone.took(line).unwrap_or_else(|| panic!("{line}"));
                client.say(answer);
            }
        }
    }
    // Its answer comes when the acknowledgements were heard.
    client.say("PING 2\n");
    assert_eq!(client.line(), "PONG 2");
}

/// Says all pushes from `first` on, as far as they are taken.
fn say_all(mut stream: TcpStream, first: usize, last: usize) {
    for n in first..last {
        let device = n % DEVICES;
        if stream.write_all(format!("PUB {n} phone-{device} - {n}\n").as_bytes()).is_err() {
            return;
        }
    }
}

/// Publishes the pushes from `first` to `last` and kills the server after so many answers; answers which were DONE.
fn publish_and_kill(
    server: Serving,
    address: SocketAddr,
    (first, last): (usize, usize),
    kill_after: usize,
) -> BTreeSet<usize> {
    let mut writer = connect(address);
    writer.write_all(format!("AUTH 1 {TOKEN}\n").as_bytes()).unwrap();
    let mut answers = BufReader::new(writer.try_clone().unwrap());
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    assert_eq!(line, "WELCOME 1\n");
    let saying = std::thread::spawn(move || say_all(writer, first, last));
    let (mut done, mut running) = (BTreeSet::new(), Some(server));
    loop {
        line.clear();
        if answers.read_line(&mut line).is_err() || !line.ends_with('\n') {
            break;
        }
        let words: Vec<&str> = line.trim_end().split(' ').collect();
        assert_eq!((words[0], words[3]), ("DONE", "1"), "{line}");
        done.insert(words[1].parse().unwrap());
        if done.len() == kill_after {
            // It is killed when it is dropped.
            drop(running.take());
        }
    }
    saying.join().unwrap();
    assert!(running.is_none(), "{} were answered before it was killed", done.len());
    done
}

#[test]
fn what_a_killed_server_said_done_to_is_delivered_in_order_and_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("pushes.redb");
    let all = number(10_000, 100_000);
    let mut phones: BTreeMap<usize, Phone> = (0..DEVICES).map(|n| (n, Phone::default())).collect();
    let mut done = BTreeSet::new();
    // Killed at other moments: among the first answers, and later; a thousand more may be under way each time.
    let (third, mut began) = (all / 3, 0);
    for kill_after in [3, third / 4, third / 2] {
        let (server, address) = start(&store);
        let mut connected = Vec::new();
        for device in (0..DEVICES).step_by(2) {
            let phone = phones.remove(&device).unwrap();
            connected.push((device, std::thread::spawn(move || shows(address, device, phone))));
        }
        let range = (began, began + third);
        let accepted = publish_and_kill(server, address, range, kill_after);
        done.extend(accepted);
        for (device, thread) in connected {
            phones.insert(device, thread.join().unwrap());
        }
        began += third;
    }
    assert!(done.len() < 3 * third, "it was killed in the middle: {} were done", done.len());
    let (_server, address) = start(&store);
    for (device, phone) in &mut phones {
        catches_up(address, *device, phone);
        let wanted: Vec<usize> = done.iter().copied().filter(|n| n % DEVICES == *device).collect();
        let sorted = phone.shown.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(sorted, "phone-{device}: in order, and nothing twice");
        let shown: BTreeSet<usize> = phone.shown.iter().copied().collect();
        let lost: Vec<usize> = wanted.into_iter().filter(|n| !shown.contains(n)).collect();
        assert!(lost.is_empty(), "phone-{device} lost {lost:?}");
        // It was all acknowledged.
        let count = phone.shown.len() + phone.again;
        catches_up(address, *device, phone);
        assert_eq!(phone.shown.len() + phone.again, count, "phone-{device}");
    }
    let again: usize = phones.values().map(|phone| phone.again).sum();
    eprintln!("{} were done, {again} came again", done.len());
}
