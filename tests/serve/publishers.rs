//! Publishers on connections of their own.

use std::time::Duration;

use crate::client::Client;
use crate::server::server;

#[test]
fn each_push_is_answered_with_its_reference_and_many_may_be_under_way() {
    let server = server(|_| {});
    let mut phone = Client::device(server.address, "phone");
    let mut publisher = Client::connect(server.address);
    publisher.say("AUTH 1 token\nPUB 1 phone - one\nPUB 2 phone 60 two words\nALL 3 - all\n");
    publisher.say("PUB 4 no/device - x\nPUB 5 phone - \u{7f}\nPING 9\n");
    let answers: Vec<String> = (0..7).map(|_| publisher.line()).collect();
    let expected = ["WELCOME 1", "DONE 1 1 1", "DONE 2 2 1", "DONE 3 3 1", "FAIL 4 device-name"];
    assert_eq!(answers[..5], expected);
    assert_eq!(answers[5], "ERROR syntax a line is UTF-8 without control characters");
    let pushes = [phone.line(), phone.line(), phone.line()];
    assert_eq!(pushes, ["PUSH 1 one", "PUSH 2 two words", "PUSH 3 all"]);
}

#[test]
fn a_wrong_token_is_refused() {
    let server = server(|_| {});
    for token in ["tokem", "toke", "token2", "TOKEN"] {
        let mut publisher = Client::connect(server.address);
        publisher.say(format!("AUTH 1 {token}\n"));
        assert_eq!(publisher.last_word(), "ERROR token", "{token}");
    }
}

#[test]
fn a_publisher_that_does_not_read_its_answers_waits_for_itself_and_is_not_cut_off() {
    let server = server(|config| config.limits.outbound = 1_024);
    let mut publisher = Client::connect(server.address);
    publisher.say("AUTH 1 token\n");
    let mut writer = publisher.second();
    // More answers than the kernel's buffers hold.
    let all = 600_000;
    let thread = std::thread::spawn(move || {
        for n in 0..all / 1_000 {
            let many: String =
                (0..1_000).map(|i| format!("PUB {} / - x\n", n * 1_000 + i)).collect();
            std::io::Write::write_all(&mut writer, many.as_bytes()).unwrap();
        }
    });
    // Time for the answers to stand in front of the server.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(publisher.line(), "WELCOME 1");
    for n in 0..all {
        assert_eq!(publisher.line(), format!("FAIL {n} device-name"));
    }
    thread.join().unwrap();
}

#[test]
fn a_publisher_that_closes_its_side_is_answered_still() {
    let server = server(|_| {});
    let mut publisher = Client::connect(server.address);
    publisher.say("AUTH 1 token\nPUB 1 phone - one\n");
    publisher.shut();
    assert_eq!(publisher.lines(), ["WELCOME 1", "DONE 1 1 1"]);
}

#[test]
fn what_one_connection_is_told_in_one_turn_keeps_its_order() {
    let server = server(|config| config.limits.outbound = 200_000);
    let mut phone = Client::device(server.address, "phone");
    let mut other = Client::device(server.address, "other");
    let mut publisher = Client::connect(server.address);
    let payload = "x".repeat(300);
    let one_of = |n: u32| match n % 50 {
        0 => format!("ALL {n} - {payload}\n"),
        _ => format!("PUB {n} phone - {payload}\n"),
    };
    let all: String = (1..=400).map(one_of).collect();
    publisher.say(format!("AUTH 1 token\n{all}PING 7\n"));
    assert_eq!(publisher.line(), "WELCOME 1");
    let mut to_phone = Vec::new();
    for n in 1..=400 {
        let line = publisher.line();
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[..2], ["DONE", &*n.to_string()]);
        to_phone.push(words[2].parse::<u64>().unwrap());
    }
    assert_eq!(publisher.line(), "PONG 7");
    // Of a push to all the devices have ids that follow each other, in the order in which they came.
    for id in to_phone {
        assert_eq!(phone.line(), format!("PUSH {id} {payload}"));
    }
    for n in 1..=8 {
        assert!(other.line().starts_with("PUSH "), "{n}");
    }
}
