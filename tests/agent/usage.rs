//! How the agent says that it cannot run, and how it misbehaves for the tests of a host.

use holdline::device::protocol::{Text, ToAgent, ToHost};

use super::host::{Agent, Host, RUN, TOKEN, command, output};
use super::{LONG_RUN, NOWHERE};

#[test]
fn without_a_host_to_ask_it_says_what_to_write_and_exits_with_2() {
    for args in [&[][..], &["--backend", "ios"], &["--control", "127.0.0.1:1"], &["--what"]] {
        let output = output(args, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.starts_with("holdline-agent: ") && said.contains("--help"), "{said}");
    }
    let help = output(&["--help"], &[]);
    assert_eq!(help.status.code(), Some(0));
    assert!(String::from_utf8(help.stdout).unwrap().contains("HOLDLINE_AGENT_FAULT"));
}

#[test]
fn a_host_that_cannot_be_reached_is_exit_code_3() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().to_str().unwrap();
    let args = ["--control", NOWHERE, "--run", RUN, "--token", TOKEN, "--wait", "0", "--dir", dir];
    let output = output(&args, &[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no host gave orders"));
}

#[test]
fn wrong_orders_are_told_to_the_host_and_exit_code_3() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::listen();
    let good = host.orders(LONG_RUN, NOWHERE, 1);
    let udp = "name = \"x\"\nduration = \"1m\"\n[client.set]\n\"stream.transport\" = \"udp\"\n";
    let mut wrong = vec![host.orders(udp, NOWHERE, 1)];
    let broken = Text { toml: "name = 1".into(), ..Text::default() };
    wrong.push(holdline::device::protocol::Orders { scenario: broken, ..good.clone() });
    wrong.push(holdline::device::protocol::Orders { speed: 0, ..good.clone() });
    for orders in wrong {
        let agent = Agent::start(&host, dir.path(), &[]);
        let talk = host.accept();
        talk.order(orders);
        let note = talk.find(|said| {
            let ToHost::Note { text } = said else { return None };
            Some(text)
        });
        assert!(note.contains("orders are wrong"), "{note}");
        assert_eq!(agent.ended(), Some(3));
    }
    let agent = Agent::start(&host, dir.path(), &[]);
    host.accept().order(holdline::device::protocol::Orders { run: "other".into(), ..good });
    assert_eq!(agent.ended(), Some(3));
}

#[test]
fn it_misbehaves_as_it_is_told_to() {
    let host = Host::listen();
    let with = |fault: &str| {
        let dir = tempfile::tempdir().unwrap();
        let agent = Agent::start(&host, dir.path(), &[("HOLDLINE_AGENT_FAULT", fault)]);
        (agent, host.accept(), dir)
    };
    let orders = || host.orders(LONG_RUN, NOWHERE, 1);
    let (agent, talk, _dir) = with("wrong-nonce");
    let ToHost::Hello { run, .. } = talk.next() else { panic!("no hello") };
    assert_ne!(run, RUN);
    drop(agent);
    let (agent, talk, _dir) = with("exit");
    talk.order(orders());
    assert_eq!(agent.ended(), Some(1));
    let (agent, talk, _dir) = with("abort");
    talk.order(orders());
    assert_eq!(agent.ended(), None, "a signal ended it");
    let (agent, talk, _dir) = with("hang");
    talk.order(orders());
    talk.say(&ToAgent::End);
    talk.say(&ToAgent::Clock { n: 1 });
    // It ends when it is killed, below, and has said nothing until then.
    agent.kill();
    assert_eq!(talk.rest(), Vec::new());
    let (_agent, talk, _dir) = with("no-hello");
    talk.close();
}

#[test]
fn a_process_that_is_started_without_a_host_goes_on_with_the_orders_it_has() {
    let (host, dir) = (Host::listen(), tempfile::tempdir().unwrap());
    let agent = Agent::start(&host, dir.path(), &[]);
    let talk = host.accept();
    talk.order(host.orders(LONG_RUN, NOWHERE, 1));
    talk.event("process-started");
    agent.kill();
    let args = ["--dir", dir.path().to_str().unwrap()];
    let agent = Agent::of(command(&args));
    let talk = host.accept();
    let ToHost::Hello { process, run, .. } = talk.next() else { panic!("no hello") };
    assert_eq!((process, run.as_str()), (2, RUN));
    talk.say(&ToAgent::End);
    assert_eq!(agent.ended(), Some(0));
}
