//! nc as a device and as a publisher, as the document shows it.

use std::net::SocketAddr;
use std::process::Command;

use crate::program::Program;
use crate::serving::{Serving, TOKEN};

crate::tools::tests![
    what_is_typed_into_nc_is_answered_and_pushes_are_printed,
    nc_whose_input_ends_has_its_answers_still,
    a_drain_is_told_to_nc_and_ends_it,
];

fn nc(address: SocketAddr) -> Program {
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    Program::start(Command::new("nc").args([ip, port]))
}

fn device(address: SocketAddr, name: &str) -> Program {
    let mut device = nc(address);
    device.say(&format!("HELLO 1 {name}\n"));
    assert_eq!(device.line(), "WELCOME 1\n");
    device
}

fn what_is_typed_into_nc_is_answered_and_pushes_are_printed() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp");
    let mut phone = device(address, "phone");
    let mut publisher = nc(address);
    publisher.say(&format!("AUTH 1 {TOKEN}\n"));
    assert_eq!(publisher.line(), "WELCOME 1\n");
    publisher.say("PUB 1 phone - hello there\nALL 2 60 to all\n");
    assert_eq!([publisher.line(), publisher.line()], ["DONE 1 1 1\n", "DONE 2 2 1\n"]);
    assert_eq!([phone.line(), phone.line()], ["PUSH 1 hello there\n", "PUSH 2 to all\n"]);
    phone.say("ACK 1\nPING 5\n");
    assert_eq!(phone.line(), "PONG 5\n");
    let mut again = device(address, "phone");
    assert_eq!(again.line(), "PUSH 2 to all\n");
    assert!(phone.line().starts_with("BYE replaced "));
}

fn nc_whose_input_ends_has_its_answers_still() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp");
    // With -N it says FIN when its input ends.
    let said = Command::new("sh")
        .args(["-c", "printf 'HELLO 1 phone\\nPING 7\\n' | nc -N \"$0\" \"$1\""])
        .args([address.ip().to_string(), address.port().to_string()])
        .output()
        .expect("a shell");
    assert_eq!(String::from_utf8_lossy(&said.stdout), "WELCOME 1\nPONG 7\n", "{said:?}");
}

fn a_drain_is_told_to_nc_and_ends_it() {
    let mut server = Serving::start(&["--listen", "0", "--drain-within", "200ms"]);
    let mut phone = device(server.address("tcp"), "phone");
    let pid = server.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    assert_eq!(phone.line(), "GOAWAY\n");
    assert!(phone.line().starts_with("BYE drained "));
    assert_eq!(phone.end().1, "");
}
