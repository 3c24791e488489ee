//! What each fault does to real ends.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use holdline::live::proxy::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{
    A_WHILE, Bench, hears, hears_fin, hears_nothing, hears_reset, reset, say, soon, works,
};

#[tokio::test]
async fn without_faults_bytes_go_through_and_half_closed_connections_go_on() {
    let bench = Bench::new(&[]).await;
    let (mut client, mut server) = bench.pair().await;
    works(&mut client, &mut server).await;
    say(&mut client, b"the last").await;
    client.shutdown().await.unwrap();
    hears(&mut server, b"the last").await;
    hears_fin(&mut server).await;
    say(&mut server, b"still here").await;
    hears(&mut client, b"still here").await;
    drop(server);
    hears_fin(&mut client).await;
    bench.until(|proxy| proxy.connections().is_empty()).await;
}

#[tokio::test]
async fn a_reset_of_one_end_is_a_reset_at_the_other_and_fin_is_fin() {
    let bench = Bench::new(&[]).await;
    let (client, mut server) = bench.pair().await;
    reset(client);
    hears_reset(&mut server).await;
    let (mut client, server) = bench.pair().await;
    reset(server);
    hears_reset(&mut client).await;
    let (mut client, server) = bench.pair().await;
    drop(server);
    hears_fin(&mut client).await;
}

#[tokio::test]
async fn a_server_that_refuses_is_a_reset_for_the_client() {
    let Bench { proxy, server } = Bench::new(&[]).await;
    drop(server);
    let mut client = soon(TcpStream::connect(proxy.local_addr())).await.unwrap();
    hears_reset(&mut client).await;
}

#[tokio::test]
async fn silence_holds_bytes_and_releases_them_in_order() {
    let bench = Bench::new(&[]).await;
    let (mut client, mut server) = bench.pair().await;
    bench.set(&["silence"]);
    for n in 0..50_u8 {
        say(&mut client, &[n; 100]).await;
    }
    say(&mut server, b"push").await;
    hears_nothing(&mut server).await;
    hears_nothing(&mut client).await;
    let held = bench.proxy.connections()[0].to_server;
    assert!(held.held == 5_000 && held.still && held.held_since.is_some(), "{held:?}");
    let in_flight = bench.proxy.in_flight();
    assert_eq!((in_flight.still, in_flight.is_quiet()), (5_004, true));
    bench.clear();
    for n in 0..50 {
        hears(&mut server, &[n; 100]).await;
    }
    hears(&mut client, b"push").await;
    works(&mut client, &mut server).await;
    assert_eq!(bench.proxy.in_flight().moving, 0);
}

#[tokio::test]
async fn silence_in_one_direction_leaves_the_other_free() {
    let bench = Bench::new(&["silence direction=to-client"]).await;
    let (mut client, mut server) = bench.pair().await;
    say(&mut client, b"ping").await;
    hears(&mut server, b"ping").await;
    say(&mut server, b"pong").await;
    hears_nothing(&mut client).await;
    bench.clear();
    hears(&mut client, b"pong").await;
}

#[tokio::test]
async fn a_silent_path_holds_no_more_than_its_bound() {
    let options = Options { hold: 10_000, ..Options::default() };
    let bench = Bench::with(&["silence direction=to-server"], options, 1.0).await;
    let mut client = bench.connect().await;
    // More than the kernel's own buffers hold.
    let bytes = vec![7; 16 << 20];
    let stuck = tokio::time::timeout(A_WHILE, client.write_all(&bytes)).await;
    assert!(stuck.is_err(), "the sender is held up");
    assert_eq!(bench.proxy.connections()[0].to_server.held, 10_000);
}

#[tokio::test]
async fn in_silence_a_new_connection_is_taken_and_the_server_hears_of_it_later() {
    let bench = Bench::new(&["silence"]).await;
    let mut client = bench.connect().await;
    say(&mut client, b"hello").await;
    assert!(tokio::time::timeout(A_WHILE, bench.server.accept()).await.is_err());
    bench.clear();
    let mut server = bench.accept().await;
    hears(&mut server, b"hello").await;
    works(&mut client, &mut server).await;
}

#[tokio::test]
async fn a_refused_connection_is_refused_by_the_kernel_or_reset() {
    let bench = Bench::new(&[]).await;
    let (mut client, mut server) = bench.pair().await;
    for _ in 0..3 {
        bench.set(&["refuse"]);
        let error = soon(TcpStream::connect(bench.proxy.local_addr())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        works(&mut client, &mut server).await;
        bench.clear();
        bench.set(&["refuse how=reset"]);
        let mut taken = bench.connect().await;
        hears_reset(&mut taken).await;
        bench.clear();
        let (mut client, mut server) = bench.pair().await;
        works(&mut client, &mut server).await;
    }
}

#[tokio::test]
async fn a_captive_portal_takes_everything_and_says_nothing() {
    let bench = Bench::new(&["accept-silent"]).await;
    let mut client = bench.connect().await;
    // Far more than it would hold: it is read and acknowledged.
    say(&mut client, &vec![7; 4 << 20]).await;
    hears_nothing(&mut client).await;
    assert!(tokio::time::timeout(A_WHILE, bench.server.accept()).await.is_err());
    bench.clear();
    say(&mut client, b"and now?").await;
    hears_reset(&mut client).await;
    let (mut client, mut server) = bench.pair().await;
    works(&mut client, &mut server).await;
}

#[tokio::test]
async fn a_delay_is_as_long_as_it_says_and_its_removal_ends_it() {
    let bench = Bench::new(&["delay latency=300ms"]).await;
    let (mut client, mut server) = bench.pair().await;
    let began = Instant::now();
    works(&mut client, &mut server).await;
    let took = began.elapsed();
    assert!((600..3_000).contains(&took.as_millis()), "{took:?}");
    bench.clear();
    let began = Instant::now();
    works(&mut client, &mut server).await;
    assert!(began.elapsed() < Duration::from_millis(290), "{:?}", began.elapsed());
}

#[tokio::test]
async fn time_that_runs_faster_makes_delays_shorter() {
    let bench = Bench::with(&["delay latency=10s"], Options::default(), 100.0).await;
    let (mut client, mut server) = bench.pair().await;
    let began = Instant::now();
    works(&mut client, &mut server).await;
    let took = began.elapsed();
    assert!((200..2_000).contains(&took.as_millis()), "{took:?}");
}

#[tokio::test]
async fn a_bandwidth_holds_a_transfer_back() {
    let bench = Bench::new(&["bandwidth rate=200k direction=to-client"]).await;
    let (mut client, mut server) = bench.pair().await;
    let began = Instant::now();
    let bytes = vec![7; 100_000];
    let sent = async { server.write_all(&bytes).await.unwrap() };
    let ((), ()) = tokio::join!(sent, hears(&mut client, &bytes));
    let took = began.elapsed();
    // Half a second, less the burst; how much longer depends on the machine.
    assert!((400..2_000).contains(&took.as_millis()), "{took:?}");
}

#[tokio::test]
async fn half_open_is_believed_in_until_the_client_speaks() {
    let bench = Bench::new(&[]).await;
    let (mut client, mut server) = bench.pair().await;
    bench.set(&["half-open how=reset then-reset"]);
    hears_reset(&mut server).await;
    hears_nothing(&mut client).await;
    say(&mut client, b"ping").await;
    hears_reset(&mut client).await;
    let (mut client, mut server) = bench.pair().await;
    bench.set(&["half-open"]);
    hears_fin(&mut server).await;
    say(&mut client, b"ping").await;
    hears_nothing(&mut client).await;
    drop(client);
    bench.until(|proxy| proxy.connections().len() <= 1).await;
}

#[tokio::test]
async fn a_nat_forgets_in_silence_with_a_reset_or_for_a_while() {
    for on_expiry in ["silent", "reset", "recreate"] {
        // A minute of the proxy's is a twentieth of a second.
        let fault = format!("nat-forget idle-timeout=60s on-expiry={on_expiry}");
        let bench = Bench::with(&[&fault], Options::default(), 1_200.0).await;
        let mut events = bench.proxy.events();
        let (mut client, mut server) = bench.pair().await;
        loop {
            let event = soon(events.recv()).await.unwrap();
            if event.to_string().contains("forgotten after ") {
                break;
            }
        }
        bench.clear();
        say(&mut server, b"push").await;
        hears_nothing(&mut client).await;
        say(&mut client, b"ping").await;
        match on_expiry {
            "silent" => hears_nothing(&mut client).await,
            "reset" => hears_reset(&mut client).await,
            _ => {
                hears(&mut client, b"push").await;
                hears(&mut server, b"ping").await;
            }
        }
        let (mut client, mut server) = bench.pair().await;
        works(&mut client, &mut server).await;
    }
}

/// Reads until the end; answers whether that was a reset.
async fn reads_to_the_end(mut stream: TcpStream) -> bool {
    let mut buffer = vec![0; 16 << 10];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) => return false,
            Ok(_) => {}
            Err(_) => return true,
        }
    }
}

#[tokio::test]
async fn close_after_ends_a_connection_on_which_data_flows() {
    for (how, reset) in [("fin", false), ("reset", true)] {
        let bench = Bench::new(&[&format!("close-after after=200ms how={how}")]).await;
        let began = Instant::now();
        let (client, mut server) = bench.pair().await;
        let reads = tokio::spawn(reads_to_the_end(client));
        let writes = tokio::spawn(async move {
            while !matches!(server.try_read(&mut [0]), Ok(0)) {
                if server.write_all(&[7; 1_000]).await.is_err() {
                    break;
                }
            }
        });
        assert_eq!(soon(reads).await.unwrap(), reset, "{how}");
        assert!(began.elapsed() >= Duration::from_millis(200));
        soon(writes).await.unwrap();
    }
}

#[tokio::test]
async fn reset_and_close_act_now_and_only_where_they_are_told() {
    let bench = Bench::new(&[]).await;
    let (mut one, mut one_server) = bench.pair().await;
    let (mut two, mut two_server) = bench.pair().await;
    bench.set(&["reset on=1"]);
    hears_reset(&mut one).await;
    hears_reset(&mut one_server).await;
    works(&mut two, &mut two_server).await;
    bench.set(&["close to=client on=2"]);
    hears_fin(&mut two).await;
    hears_nothing(&mut two_server).await;
}
