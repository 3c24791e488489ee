//! `holdline proxy` as a process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The process; it does not outlive the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(args: &[&str]) -> Process {
    spawn(Command::new(env!("CARGO_BIN_EXE_holdline")).arg("proxy").args(args))
}

fn spawn(command: &mut Command) -> Process {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    Process(child)
}

/// Its first `count` lines.
fn lines(process: &mut Process, count: usize) -> Vec<String> {
    let out = BufReader::new(process.0.stdout.take().unwrap());
    out.lines().take(count).map(Result::unwrap).collect()
}

#[test]
fn it_forwards_says_where_it_listens_and_ends_with_0_when_asked() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = server.local_addr().unwrap().to_string();
    let mut process =
        start(&["--to", &to, "--control", "127.0.0.1:0", "--fault", "delay latency=5ms"]);
    let said = lines(&mut process, 2);
    let address = said[0].strip_prefix("listening on ").unwrap().split(',').next().unwrap();
    assert!(said[0].ends_with(&format!(", to {to}")), "{said:?}");
    let (control, token) = said[1].split_once(", token ").unwrap();
    let control = control.strip_prefix("control on http://").unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let (mut accepted, _) = server.accept().unwrap();
    client.write_all(b"ping").unwrap();
    let mut got = [0; 4];
    accepted.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"ping");
    let mut asked = TcpStream::connect(control).unwrap();
    let request = format!(
        "GET /v1/faults HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    );
    asked.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    asked.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("delay latency=5ms jitter=0s direction=both"), "{answer}");
    // The shell's own, since the standard library sends no signals.
    let killed = Command::new("kill").args(["-TERM", &process.0.id().to_string()]).status();
    assert!(killed.unwrap().success());
    let end = Instant::now() + Duration::from_secs(20);
    let status = loop {
        if let Some(status) = process.0.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < end, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn where_descriptors_are_short_it_goes_on_when_there_are_some_again() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = server.local_addr().unwrap().to_string();
    let limited = "ulimit -n 40; exec \"$0\" proxy --to \"$1\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", limited, env!("CARGO_BIN_EXE_holdline"), &to]);
    let mut process = spawn(&mut shell);
    let said = lines(&mut process, 1);
    let address = said[0].strip_prefix("listening on ").unwrap().split(',').next().unwrap();
    let many: Vec<TcpStream> = (0..60).map(|_| TcpStream::connect(address).unwrap()).collect();
    drop(many);
    let end = Instant::now() + Duration::from_secs(20);
    // Those before it that found no descriptor are reset.
    loop {
        assert!(Instant::now() < end, "it does not come back");
        let mut client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        if client.write_all(b"ping").is_err() {
            continue;
        }
        server.set_nonblocking(true).unwrap();
        let echoed = (0..200).any(|_| {
            while let Ok((mut accepted, _)) = server.accept() {
                accepted.set_nonblocking(false).unwrap();
                let mut got = [0; 4];
                let heard = accepted.set_read_timeout(Some(Duration::from_millis(200))).is_ok();
                if heard && accepted.read_exact(&mut got).is_ok() && &got == b"ping" {
                    return true;
                }
            }
            std::thread::sleep(Duration::from_millis(1));
            false
        });
        if echoed {
            break;
        }
    }
}

#[test]
fn a_scenario_breaks_the_path_when_its_steps_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    let text = "name = \"x\"\nduration = \"20m\"\n[network]\nuse = \"ideal\"\n\
        [[step]]\nat = \"1m\"\ndo = \"user.lock\"\n\
        [[step]]\nat = \"5m\"\ndo = \"network.airplane\"\non = true\n\
        [[step]]\nat = \"10m\"\ndo = \"network.airplane\"\non = false\n";
    std::fs::write(&file, text).unwrap();
    let args = ["--to", "127.0.0.1:9", "--speed", "6000", "--scenario"];
    let args: Vec<&str> = args.into_iter().chain([file.to_str().unwrap()]).collect();
    let mut process = start(&args);
    let err = BufReader::new(process.0.stderr.take().unwrap());
    let mut said: Vec<String> = Vec::new();
    for line in err.lines().map(Result::unwrap) {
        let over = line.contains("is over");
        said.push(line);
        if over {
            break;
        }
    }
    let (notes, played): (Vec<String>, Vec<String>) =
        said.into_iter().partition(|line| line.starts_with("not played: "));
    let without_time: Vec<&str> =
        played.iter().map(|line| line.split_once(' ').unwrap().1).collect();
    let delay = "delay latency=20ms jitter=0s direction=both";
    assert_eq!(
        without_time[..3],
        [
            format!("network: {delay}"),
            "network.airplane: nat-forget now=true on-expiry=silent; silence direction=both; \
             refuse how=close"
                .into(),
            format!("network.airplane: {delay}"),
        ]
    );
    assert!(notes.iter().any(|note| note.contains("step 1 (user.lock)")), "{notes:?}");
}

#[test]
fn what_is_wrong_on_the_command_line_exits_with_2() {
    for (args, message) in [
        (&["--to", "127.0.0.1:9", "--fault", "silense"] as &[&str], "did you mean `silence`?"),
        (&["--to", "127.0.0.1:9", "--fault", "reset"], "is done at once"),
        (&["--to", "127.0.0.1:9", "--fault", "silence on=1"], "there is no connection 1"),
        (&["--to", "127.0.0.1"], "write HOST:PORT"),
        (&["--to", "127.0.0.1:9", "--speed", "0"], "expected a number"),
        (&["--to", "127.0.0.1:9", "--scenario", "nowhere.toml"], "nowhere.toml"),
    ] {
        let mut process = start(args);
        assert_eq!(process.0.wait().unwrap().code(), Some(2), "{args:?}");
        let mut text = String::new();
        process.0.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains(message), "{args:?}: {text}");
    }
}
