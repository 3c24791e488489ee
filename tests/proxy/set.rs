//! Setting faults: all or nothing, before the first byte, on some connections.

use holdline::live::proxy::{Change, FaultId, FaultSpec};

use super::{Bench, hears, hears_nothing, say, works};

fn add(text: &str) -> Change {
    Change::Add(FaultSpec::parse(text).unwrap())
}

#[tokio::test]
async fn one_wrong_change_and_none_is_made() {
    let bench = Bench::new(&["delay latency=1ms"]).await;
    let (mut client, mut server) = bench.pair().await;
    for (wrong, at) in [
        (vec![add("silence"), add("reset"), add("silence on=99")], 2),
        (vec![add("silence"), Change::Remove(FaultId(77))], 1),
        (vec![Change::Remove(FaultId(1)), Change::Remove(FaultId(1))], 1),
        (vec![add("refuse"), add("refuse on=1")], 1),
        (vec![add("reset"), add("reset on=new")], 1),
        (vec![Change::Clear, add("silence"), Change::Remove(FaultId(1))], 2),
        ((0..1_001).map(|_| add("silence")).collect(), 999),
    ] {
        let invalid = bench.proxy.apply(wrong).unwrap_err();
        assert_eq!(invalid.change, at, "{invalid}");
        works(&mut client, &mut server).await;
        assert_eq!(bench.proxy.faults().len(), 1);
    }
}

#[tokio::test]
async fn faults_are_listed_by_number_and_removed_one_by_one() {
    let bench = Bench::new(&[]).await;
    let ids = bench.set(&["silence", "delay latency=1ms on=new"]);
    let listed = |bench: &Bench| -> Vec<String> {
        bench.proxy.faults().iter().map(|fault| format!("{} {}", fault.id, fault.spec)).collect()
    };
    assert_eq!(
        listed(&bench),
        ["1 silence direction=both", "2 delay latency=1ms jitter=0s direction=both on=new"]
    );
    // One thing in place of another, at once.
    let swapped = bench.proxy.apply(vec![Change::Remove(ids[0]), add("bandwidth rate=1M")]);
    assert_eq!(swapped, Ok(vec![FaultId(3)]));
    assert_eq!(bench.proxy.faults().len(), 2);
    let cleared = bench.proxy.apply(vec![add("silence"), Change::Clear, add("refuse")]);
    assert_eq!(cleared, Ok(vec![FaultId(4), FaultId(5)]));
    assert_eq!(listed(&bench), ["4 silence direction=both", "5 refuse how=close"]);
}

#[tokio::test]
async fn what_is_set_before_a_connection_holds_from_its_first_byte() {
    let bench = Bench::new(&["silence direction=to-server"]).await;
    let (mut client, mut server) = {
        let client = bench.connect().await;
        let mut client = client;
        say(&mut client, b"first byte").await;
        // The server is not asked either.
        bench.until(|proxy| proxy.in_flight().still == 10).await;
        bench.clear();
        (client, bench.accept().await)
    };
    hears(&mut server, b"first byte").await;
    bench.set(&["silence on=new direction=to-client"]);
    works(&mut client, &mut server).await;
    let (mut new, mut new_server) = bench.pair().await;
    say(&mut new_server, b"greeting").await;
    hears_nothing(&mut new).await;
    works(&mut client, &mut server).await;
}

#[tokio::test]
async fn a_fault_on_one_connection_leaves_others_alone() {
    let bench = Bench::new(&[]).await;
    let (mut one, mut one_server) = bench.pair().await;
    let (mut two, mut two_server) = bench.pair().await;
    bench.set(&["silence on=2"]);
    works(&mut one, &mut one_server).await;
    say(&mut two, b"held").await;
    hears_nothing(&mut two_server).await;
    bench.clear();
    hears(&mut two_server, b"held").await;
    works(&mut two, &mut two_server).await;
}

#[tokio::test]
async fn events_tell_what_happens_in_order() {
    let bench = Bench::new(&[]).await;
    let mut events = bench.proxy.events();
    let (mut client, mut server) = bench.pair().await;
    works(&mut client, &mut server).await;
    bench.set(&["silence"]);
    say(&mut client, b"held").await;
    bench.until(|proxy| proxy.in_flight().still == 4).await;
    bench.clear();
    hears(&mut server, b"held").await;
    drop(client);
    bench.until(|proxy| proxy.connections()[0].to_server.forwarded == 8).await;
    bench.until(|proxy| proxy.in_flight().moving == 0).await;
    drop(server);
    let mut told = Vec::new();
    loop {
        let event = super::soon(events.recv()).await.unwrap();
        let text = event.to_string();
        let (_, what) = text.split_once("connection 1: ").expect("of this connection");
        told.push(what.split(" from 127").next().unwrap().to_owned());
        if what == "closed" {
            break;
        }
    }
    assert_eq!(
        told,
        [
            "connected",
            "server reached",
            "bytes from client are held",
            "fin from client",
            "fin from server",
            "closed"
        ]
    );
}

#[test]
fn a_proxy_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<holdline::live::proxy::Proxy>();
}
