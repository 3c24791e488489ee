//! `openssl s_client` over TLS, with the CA that the server wrote, and without it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::bytes::{exchange, publisher};
use crate::program::Program;
use crate::serving::Serving;

crate::tools::tests![
    a_client_with_the_ca_says_hello_and_is_pushed_to_in_both_versions,
    a_client_without_the_ca_or_with_another_name_does_not_verify,
    an_old_version_of_tls_is_refused_and_others_go_on,
];

/// A server over TLS and plain, and its CA in `folder`.
fn serve(folder: &Path) -> (Serving, SocketAddr, SocketAddr) {
    let tls = folder.to_str().expect("UTF-8");
    let args = ["--listen", "0", "--tls-listen", "0", "--tls-self-signed", tls];
    let mut server = Serving::start(&args);
    assert!(server.told("certificate ").ends_with("ca.pem"));
    let (plain, tls) = (server.address("tcp"), server.address("tls"));
    (server, plain, tls)
}

fn s_client(address: SocketAddr, args: &[&str]) -> Program {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-quiet", "-verify_return_error", "-connect", &address.to_string()]);
    Program::start(command.args(args))
}

fn a_client_with_the_ca_says_hello_and_is_pushed_to_in_both_versions() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, plain, tls) = serve(folder.path());
    let ca = folder.path().join("ca.pem");
    let ca = ca.to_str().expect("UTF-8");
    let mut publisher = publisher(plain);
    for (id, version) in [(1, "-tls1_2"), (2, "-tls1_3")] {
        let args = [version, "-CAfile", ca, "-verify_hostname", "localhost"];
        let mut phone = s_client(tls, &args);
        phone.say("HELLO 1 phone\n");
        assert_eq!(phone.line(), "WELCOME 1\n");
        let done = format!("DONE {id} {id} 1\n");
        let says = format!("PUB {id} phone - over {version}\n");
        exchange(&mut publisher, says.as_bytes(), done.as_bytes());
        assert_eq!(phone.line(), format!("PUSH {id} over {version}\n"));
        phone.say(&format!("ACK {id}\nPING 3\n"));
        assert_eq!(phone.line(), "PONG 3\n");
    }
}

fn a_client_without_the_ca_or_with_another_name_does_not_verify() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, _plain, tls) = serve(folder.path());
    let ca = folder.path().join("ca.pem");
    let ca = ca.to_str().expect("UTF-8");
    let other = ["-CAfile", ca, "-verify_hostname", "other.test"];
    for (args, why) in [(&[][..], "certificate"), (&other, "ostname mismatch")] {
        let (code, said, complaint) = s_client(tls, args).end();
        assert_ne!(code, Some(0), "{complaint}");
        assert_eq!(said, "", "{args:?}");
        assert!(complaint.contains("verify error") && complaint.contains(why), "{complaint}");
    }
}

fn an_old_version_of_tls_is_refused_and_others_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_server, _plain, tls) = serve(folder.path());
    let ca = folder.path().join("ca.pem");
    let ca = ca.to_str().expect("UTF-8");
    let mut phone = s_client(tls, &["-CAfile", ca]);
    phone.say("HELLO 1 phone\n");
    assert_eq!(phone.line(), "WELCOME 1\n");
    // Level 0, or openssl itself would refuse to speak it.
    let old = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-CAfile", ca];
    let (code, said, complaint) = s_client(tls, &old).end();
    assert_ne!(code, Some(0), "{complaint}");
    assert_eq!(said, "");
    phone.say("PING 3\n");
    assert_eq!(phone.line(), "PONG 3\n");
}
