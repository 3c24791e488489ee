//! What the broken agents have in common; each has a `main` of its own behind it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

fn env(name: &str) -> String {
    std::env::var(name).expect("the host sets it")
}

fn host() -> BufReader<TcpStream> {
    BufReader::new(TcpStream::connect(env("HOLDLINE_CONTROL")).expect("it listens"))
}

/// Says hello with this nonce.
fn hello(host: &mut BufReader<TcpStream>, run: &str) {
    let about = concat!(
        r#"{"triple":"x86_64-unknown-linux-gnu","backend":"std","model":"a test","os":"17.0","#,
        r#""sdk":null,"background_modes":["voip"],"simulator":false,"pid":1}"#
    );
    let (token, clocks) = (env("HOLDLINE_TOKEN"), r#"{"continuous":0,"uptime":0,"wall":0}"#);
    writeln!(
        host.get_mut(),
        r#"{{"say":"hello","version":1,"run":"{run}","token":"{token}","process":1,"about":{about},"clocks":{clocks}}}"#
    )
    .expect("it is sent");
}

/// Waits for a line, or for the end.
fn wait(host: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    let _ = host.read_line(&mut line);
    line
}

fn kill_itself() {
    let pid = std::process::id().to_string();
    std::process::Command::new("kill").args(["-9", &pid]).status().expect("there is a kill");
}
