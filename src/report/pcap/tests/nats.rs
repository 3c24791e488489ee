//! What is seen on which side of the NAT, and under which address.

use super::Captured;
use crate::net::End;
use crate::port::Time;
use crate::trace::{LossCause, What};

fn losses(captured: &Captured, from: End, cause: LossCause) -> Vec<Time> {
    captured.events(|what| {
        matches!(what, What::Lost { from: whose, cause: why, .. }
            if *whose == from.as_str() && *why == cause)
    })
}

#[test]
fn what_a_nat_has_forgotten_is_seen_on_the_side_it_came_from() {
    let captured =
        Captured::of(include_str!("../../../../scenarios/network/nat-forgets-after-60-s.toml"));
    for from in [End::Phone, End::Server] {
        let lost = losses(&captured, from, LossCause::Nat);
        let seen = |side| -> Vec<Time> {
            let comment = "lost: nat";
            let said = captured.said(side, from).filter(|seen| seen.comment == comment);
            said.map(|seen| seen.at).collect()
        };
        assert!(!lost.is_empty());
        assert_eq!(seen(from), lost);
        assert_eq!(seen(from.peer()), []);
    }
}

#[test]
fn a_reset_by_the_nat_is_seen_by_the_phone_alone() {
    let captured =
        Captured::of(include_str!("../../../../scenarios/network/carrier-resets-after-255-s.toml"));
    let told = captured.events(
        |what| matches!(what, What::Ended { side: "phone", how, .. } if how.as_str() == "reset"),
    );
    let resets: Vec<_> = captured.said(End::Phone, End::Server).filter(|seen| seen.rst).collect();
    assert!(!told.is_empty());
    assert_eq!(resets.iter().map(|seen| seen.at).collect::<Vec<_>>(), told);
    assert!(resets.iter().all(|seen| seen.comment == "from the NAT, which has forgotten it"));
    assert_eq!(captured.said(End::Server, End::Server).filter(|seen| seen.rst).count(), 0);
}

#[test]
fn a_captive_portal_speaks_for_the_server_to_the_phone_alone() {
    let captured =
        Captured::of(include_str!("../../../../scenarios/network/captive-portal-answers.toml"));
    let granted: Vec<_> = captured
        .said(End::Phone, End::Server)
        .filter(|seen| seen.syn && seen.comment == "from the captive portal")
        .collect();
    assert!(!granted.is_empty());
    for answer in granted {
        let outside = |seen: &super::Seen| seen.side == End::Server && seen.at == answer.at;
        assert!(!captured.packets.iter().any(outside));
        let hello = captured
            .said(End::Phone, End::Phone)
            .find(|seen| seen.phone == answer.phone && seen.text().starts_with("HELLO"))
            .unwrap();
        let end = hello.seq.wrapping_add(hello.payload.len() as u32);
        let taken = |seen: &&super::Seen| {
            seen.phone == hello.phone && seen.from == End::Server && seen.ack == Some(end)
        };
        assert!(captured.packets.iter().any(|seen| taken(&seen)), "the portal acknowledges it");
    }
}

#[test]
fn a_phone_that_changes_its_interface_has_another_address_behind_another_nat() {
    let captured =
        Captured::of(include_str!("../../../../scenarios/network/wifi-to-cellular-on-screen.toml"));
    let syns = |side| captured.said(side, End::Phone).filter(|seen| seen.syn);
    let inside: Vec<_> = syns(End::Phone).map(|seen| seen.phone).collect();
    let outside: Vec<_> = syns(End::Server).map(|seen| seen.phone).collect();
    assert_eq!(inside[0].ip().octets()[0], 192);
    assert_eq!(inside.last().unwrap().ip().octets()[0], 10);
    assert_ne!(outside[0].ip(), outside.last().unwrap().ip());
}

#[test]
fn a_udp_socket_keeps_its_port_when_the_phone_makes_the_binding_anew() {
    let captured =
        Captured::of(include_str!("../../../../scenarios/sip/nat-forgets-the-udp-socket.toml"));
    let outside: Vec<_> = captured.said(End::Server, End::Phone).filter(|seen| !seen.tcp).collect();
    assert!(outside.len() > 1);
    assert!(outside.iter().all(|seen| seen.phone == outside[0].phone));
    let lost = losses(&captured, End::Server, LossCause::Nat);
    assert!(!lost.is_empty());
    let mut inside = captured.said(End::Phone, End::Server);
    assert!(!inside.any(|seen| seen.text().contains("late")));
}

#[test]
fn devices_have_addresses_of_their_own() {
    let captured = Captured::of(include_str!("../../../../scenarios/server/ten-devices.toml"));
    for side in [End::Phone, End::Server] {
        let mut addresses: Vec<_> = captured
            .packets
            .iter()
            .filter(|seen| seen.side == side)
            .map(|seen| *seen.phone.ip())
            .collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), captured.scenario.devices as usize);
    }
}
