//! Many connections at once, and more than the proxy takes.

use holdline::live::proxy::Options;

use super::{Bench, hears, hears_reset, say, works};

#[tokio::test]
async fn a_thousand_connections_at_once_each_get_their_own_bytes() {
    const MANY: usize = 1_000;
    let bench = Bench::new(&["delay latency=uniform(0ms, 20ms)"]).await;
    let mut pairs = Vec::new();
    for _ in 0..MANY {
        match tokio::net::TcpStream::connect(bench.proxy.local_addr()).await {
            Ok(client) => pairs.push((client, bench.accept().await)),
            // Four descriptors a connection: a shell may allow fewer.
            Err(error) => panic!("`ulimit -n` has to be above {}: {error}", 4 * MANY + 100),
        }
    }
    assert_eq!(bench.proxy.connections().len(), MANY);
    for (n, (client, server)) in pairs.iter_mut().enumerate() {
        say(client, format!("from client {n:04}").as_bytes()).await;
        say(server, format!("from server {n:04}").as_bytes()).await;
    }
    // The proxy connects to the server in the order of its own, so a pair is told by what it says.
    let mut heard: Vec<String> = Vec::new();
    for (n, (client, server)) in pairs.iter_mut().enumerate() {
        hears(client, format!("from server {n:04}").as_bytes()).await;
        let mut got = [0; 16];
        super::soon(tokio::io::AsyncReadExt::read_exact(server, &mut got)).await.unwrap();
        heard.push(String::from_utf8(got.to_vec()).unwrap());
    }
    heard.sort();
    heard.dedup();
    assert_eq!(heard.len(), MANY);
    assert_eq!(bench.proxy.in_flight().moving, 0);
    drop(pairs);
    bench.until(|proxy| proxy.connections().is_empty()).await;
}

#[tokio::test]
async fn more_connections_than_it_takes_are_reset_and_the_others_go_on() {
    let options = Options { most_connections: 2, ..Options::default() };
    let bench = Bench::with(&[], options, 1.0).await;
    let (mut one, mut one_server) = bench.pair().await;
    let (two, _two_server) = bench.pair().await;
    let mut three = bench.connect().await;
    hears_reset(&mut three).await;
    works(&mut one, &mut one_server).await;
    super::reset(two);
    bench.until(|proxy| proxy.connections().len() == 1).await;
    let (mut four, mut four_server) = bench.pair().await;
    works(&mut four, &mut four_server).await;
}
