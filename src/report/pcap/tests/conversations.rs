//! What is said, in which order, and what is sent again.

use super::Captured;
use crate::net::End;
use crate::port::{Frame, Span, Time};
use crate::trace::What;

const SILENCE: &str = r#"
    name = "a path that is silent for a while"
    duration = "10m"
    [network]
    use = "wifi-home"
    set = { loss = "0%" }
    [[step]]
    at = "1m"
    do = "network.silence"
    lasts = "5s"
    [[step]]
    at = "61s"
    do = "server.push"
    push = "invite"
"#;

#[test]
fn a_connection_begins_with_a_handshake_and_speaks_the_protocol_on_both_sides() {
    let captured = Captured::of(SILENCE);
    for side in [End::Phone, End::Server] {
        let first: Vec<_> = captured.packets.iter().filter(|seen| seen.side == side).collect();
        assert!(first[0].syn && first[0].ack.is_none() && first[0].from == End::Phone);
        assert!(first[1].syn && first[1].from == End::Server);
        assert_eq!(first[1].ack, Some(first[0].seq.wrapping_add(1)));
        assert_eq!(first[2].ack, Some(first[1].seq.wrapping_add(1)));
    }
    assert_eq!(captured.packets[0].comment, "device 1, connection 1, by wifi");
    let hello = captured.said(End::Server, End::Phone).nth(1).unwrap();
    assert_eq!(hello.text(), "HELLO 1 device-1\n");
    let welcome = captured.said(End::Phone, End::Server).nth(1).unwrap();
    assert_eq!(welcome.text(), "WELCOME 1\n");
}

#[test]
fn a_segment_is_seen_at_its_sender_when_it_is_sent_and_at_its_receiver_when_it_arrives() {
    let captured = Captured::of(SILENCE);
    let hello = "HELLO 1 device-1\n";
    let is_hello = |frame: &Frame| matches!(frame, Frame::Hello { .. });
    let sent = captured.events(|what| matches!(what, What::Sent { frame, .. } if is_hello(frame)));
    let arrived =
        captured.events(|what| matches!(what, What::Arrived { frame, .. } if is_hello(frame)));
    assert!(!sent.is_empty());
    assert_eq!(captured.times(End::Phone, End::Phone, hello), sent);
    assert_eq!(captured.times(End::Server, End::Phone, hello), arrived);
}

#[test]
fn what_is_lost_is_seen_at_its_sender_alone_and_sent_again_under_the_same_number() {
    let captured = Captured::of(SILENCE);
    let push = "PUSH 0 invite\n";
    let again = captured.events(|what| matches!(what, What::Retransmitted { .. }));
    assert!(again.len() > 1, "the silence is longer than the first timeout");
    let mut expected = vec![Time::ZERO + Span::from_secs(61)];
    expected.extend(again);
    assert_eq!(captured.times(End::Server, End::Server, push), expected);
    assert_eq!(captured.times(End::Phone, End::Server, push).len(), 1);
    let pushes: Vec<_> = captured
        .said(End::Server, End::Server)
        .filter(|seen| seen.text() == push)
        .map(|seen| (seen.seq, seen.comment.as_str()))
        .collect();
    let (last, lost) = pushes.split_last().unwrap();
    assert_eq!(last.1, "");
    assert!(lost.iter().all(|seen| *seen == (last.0, "lost: silence")));
}

#[test]
fn sequence_numbers_go_on_where_the_one_before_ended_and_all_that_arrives_is_acknowledged() {
    for text in [
        SILENCE,
        include_str!("../../../../scenarios/server/host-down.toml"),
        include_str!("../../../../scenarios/server/process-restart.toml"),
        include_str!("../../../../scenarios/waking/tls-under-a-task.toml"),
    ] {
        let captured = Captured::of(text);
        let mut phones: Vec<_> = captured.packets.iter().map(|seen| seen.phone).collect();
        phones.sort_unstable();
        phones.dedup();
        let ways = phones.iter().flat_map(|phone| [(phone, End::Phone), (phone, End::Server)]);
        for (phone, from) in ways {
            let of = |seen: &&super::Seen| seen.phone == *phone && seen.tcp;
            let mut next: Option<u32> = None;
            let mut acknowledged: Option<u32> = None;
            for seen in captured.packets.iter().filter(of) {
                let length = seen.payload.len() as u32 + u32::from(seen.syn) + u32::from(seen.fin);
                if seen.from != from {
                    acknowledged = seen.ack.or(acknowledged);
                } else if length > 0 {
                    let expected = next.is_none_or(|next| seen.seq == next);
                    let again = next.is_some_and(|next| next.wrapping_sub(seen.seq) as i32 > 0);
                    assert!(expected || again, "{seen:?} where {next:?} was next");
                    let end = seen.seq.wrapping_add(length);
                    next = next.filter(|_| again).or(Some(end));
                }
            }
            if let (Some(next), Some(acknowledged)) = (next, acknowledged) {
                let ahead = acknowledged.wrapping_sub(next) as i32;
                assert!(ahead <= 0, "nothing is acknowledged that was not seen: {ahead}");
            }
        }
    }
}

#[test]
fn a_large_turn_of_a_handshake_is_cut_into_segments_and_says_that_zeroes_stand_for_it() {
    let captured = Captured::of(include_str!("../../../../scenarios/waking/tls-under-a-task.toml"));
    let turns: Vec<_> = captured
        .said(End::Phone, End::Server)
        .filter(|seen| seen.comment.starts_with("turn 1 of the server"))
        .collect();
    assert_eq!(turns[0].payload.len(), super::super::packet::MOST);
    let length: usize = turns[..3].iter().map(|seen| seen.payload.len()).sum();
    assert_eq!(length, Frame::TlsServer { n: 1 }.wire_len() as usize);
    assert!(turns.iter().all(|seen| seen.payload.iter().all(|byte| *byte == 0)));
}

#[test]
fn a_host_that_is_away_sees_nothing_and_resets_when_it_is_back() {
    let captured = Captured::of(include_str!("../../../../scenarios/server/host-down.toml"));
    let reset =
        captured.events(|what| matches!(what, What::Ended { how, .. } if how.as_str() == "reset"));
    let at = |side| -> Vec<Time> {
        captured.said(side, End::Server).filter(|seen| seen.rst).map(|seen| seen.at).collect()
    };
    assert_eq!(at(End::Phone), reset);
    assert_eq!(at(End::Server).len(), reset.len());
    assert!(at(End::Server)[0] < reset[0]);
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    assert_eq!(Captured::of(SILENCE).bytes(), Captured::of(SILENCE).bytes());
}
