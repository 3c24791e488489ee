//! What any backend has to do.

use std::time::Duration;

use holdline::device::Backend;
use holdline::port::{
    Callback, Clock, RunLoop, ServiceType, Side, Span, StreamError, StreamEvent, TimerId,
};

use crate::rig::Rig;
use crate::server::{Server, nobody};

/// A check: what it found, or why it failed.
pub(crate) type Check = fn(&mut Rig, &Server) -> Result<String, String>;

/// All of them, by the rule that each holds.
pub(crate) const CHECKS: &[(&str, Check)] = &[
    ("both_streams_open_and_the_port_is_known", both_streams_open),
    ("bytes_go_both_ways", bytes_go_both_ways),
    ("what_is_closed_or_unopened_neither_reads_nor_writes", closed),
    ("the_server_closes_and_the_app_is_told", server_closes),
    ("another_connection_follows_the_first", reconnect),
    ("a_refused_connection_says_so", refused),
    ("a_stream_on_a_run_loop_that_nobody_runs_is_silent", silent),
    ("a_pair_over_the_socket_of_another_goes_on_with_it", over),
    ("a_service_type_is_answered_and_read_back", service_type),
    ("timers_fire_on_both_clocks_unless_cancelled", timers),
];

/// So long the other side may take.
const PATIENCE: Duration = Duration::from_secs(10);

fn sure(holds: bool, otherwise: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

fn both_streams_open(rig: &mut Rig, server: &Server) -> Result<String, String> {
    let pair = rig.pair(1, server.port, RunLoop::Main);
    sure(rig.backend().local_port(1).is_none(), "there is a port before there is a connection")?;
    rig.open(pair)?;
    rig.expect(pair, Side::Read, StreamEvent::OpenCompleted)?;
    rig.expect(pair, Side::Write, StreamEvent::OpenCompleted)?;
    rig.expect(pair, Side::Write, StreamEvent::CanAcceptBytes)?;
    let theirs = server.accepted(PATIENCE);
    let ours = rig.backend().local_port(1);
    sure(ours.is_some() && ours == theirs, format!("port {ours:?} here, {theirs:?} there"))?;
    sure(!rig.backend().open(pair.read()), "an open stream opens again")?;
    Ok(String::new())
}

fn bytes_go_both_ways(rig: &mut Rig, server: &Server) -> Result<String, String> {
    let pair = rig.connected(1, server.port)?;
    let mut buffer = [0; 8];
    let nothing = rig.backend().read(pair.read(), &mut buffer);
    sure(nothing == Ok(0), format!("reading before anything came answers {nothing:?}"))?;
    for text in ["HELLO\n".to_owned(), format!("{}\n", "LONG".repeat(10_000))] {
        rig.write(pair, &text)?;
        rig.read(pair, &text)?;
    }
    Ok(String::new())
}

fn closed(rig: &mut Rig, server: &Server) -> Result<String, String> {
    let pair = rig.pair(1, server.port, RunLoop::Main);
    let mut buffer = [0; 8];
    let unopened = rig.backend().read(pair.read(), &mut buffer);
    let not_open = Err(StreamError::NotOpen);
    sure(unopened == not_open, format!("reading an unopened stream answers {unopened:?}"))?;
    rig.close(pair);
    let pair = rig.connected(2, server.port)?;
    rig.close(pair);
    let read = rig.backend().read(pair.read(), &mut buffer);
    sure(read == not_open, format!("reading a closed stream answers {read:?}"))?;
    let written = rig.backend().write(pair.write(), b"X\n");
    sure(written == not_open, format!("writing a closed stream answers {written:?}"))?;
    Ok(String::new())
}

fn server_closes(rig: &mut Rig, server: &Server) -> Result<String, String> {
    let pair = rig.connected(1, server.port)?;
    rig.write(pair, "LAST\nBYE\n")?;
    rig.read(pair, "LAST\n")?;
    rig.expect(pair, Side::Read, StreamEvent::EndEncountered)?;
    rig.close(pair);
    Ok(String::new())
}

fn reconnect(rig: &mut Rig, server: &Server) -> Result<String, String> {
    for number in 1..=3 {
        let pair = rig.connected(number, server.port)?;
        let text = format!("CONNECTION {number}\n");
        rig.write(pair, &text)?;
        rig.read(pair, &text)?;
        rig.close(pair);
    }
    Ok(String::new())
}

fn refused(rig: &mut Rig, _: &Server) -> Result<String, String> {
    let port = nobody().map_err(|error| format!("no port: {error}"))?;
    let pair = rig.pair(1, port, RunLoop::Main);
    // Whether it says so at once or by an event is the system's.
    if rig.open(pair).is_ok() {
        rig.expect(pair, Side::Read, StreamEvent::ErrorOccurred)?;
    }
    let error = rig.backend().error(pair.read());
    sure(error == Some(StreamError::Refused), format!("the error is {error:?}"))?;
    rig.close(pair);
    Ok(String::new())
}

/// Whether there is a connection at all is the system's; another pair is told of what comes later, and a timer fires.
fn silent(rig: &mut Rig, server: &Server) -> Result<String, String> {
    let loops = [RunLoop::Stopped, RunLoop::WithoutSources, RunLoop::WrongMode];
    for (number, on) in (1..).zip(loops) {
        let pair = rig.pair(number, server.port, on);
        rig.open(pair)?;
    }
    let heard = rig.connected(9, server.port)?;
    rig.write(heard, "HEARD\n")?;
    rig.read(heard, "HEARD\n")?;
    rig.backend().set_timer(TimerId(1), Span::from_millis(100), Clock::Uptime);
    rig.expect_timer(TimerId(1))?;
    let told = rig.was_told(|told| matches!(told, Callback::Stream(stream, _) if stream.pair < 9));
    sure(!told, "one of them was told")?;
    let connected = std::iter::from_fn(|| server.accepted(Duration::ZERO)).count();
    Ok(format!("{} of {} connected", connected.saturating_sub(1), loops.len()))
}

fn over(rig: &mut Rig, server: &Server) -> Result<String, String> {
    sure(!rig.backend().create_pair_over(1, 1), "there is a pair over none")?;
    let pair = rig.connected(1, server.port)?;
    let port = rig.backend().local_port(1);
    rig.write(pair, "BEFORE\n")?;
    rig.read(pair, "BEFORE\n")?;
    sure(rig.backend().create_pair_over(1, 1), "there is no pair over a connection")?;
    rig.listen(pair, RunLoop::Main);
    rig.open(pair)?;
    rig.expect(pair, Side::Read, StreamEvent::OpenCompleted)?;
    rig.write(pair, "BEHIND\n")?;
    rig.read(pair, "BEHIND\n")?;
    sure(rig.backend().local_port(1) == port, "it is another connection")?;
    rig.close(pair);
    Ok(String::new())
}

/// It is never opened: on a phone with a modern SDK the process would end.
fn service_type(rig: &mut Rig, server: &Server) -> Result<String, String> {
    let pair = rig.pair(1, server.port, RunLoop::Main);
    let mut found = Vec::new();
    for stream in [pair.read(), pair.write()] {
        let taken = rig.backend().set_service_type(stream, ServiceType::Voip);
        let back = rig.service_type(stream);
        found.push(format!("{} taken={taken} reads-back={back:?}", stream.side));
        if let Some(back) = back {
            let as_answered = taken == (back == ServiceType::Voip);
            sure(as_answered, format!("the answer is {taken}, the stream has {back}"))?;
        }
        let request = rig.backend().set_service_type(stream, ServiceType::VoipRequest);
        sure(!request, "a stream takes the type of a URL request")?;
    }
    rig.close(pair);
    Ok(found.join(", "))
}

fn timers(rig: &mut Rig, _: &Server) -> Result<String, String> {
    let millis = Span::from_millis;
    rig.backend().set_timer(TimerId(1), millis(60), Clock::Uptime);
    rig.backend().set_timer(TimerId(2), millis(40), Clock::Continuous);
    rig.backend().set_timer(TimerId(3), millis(10), Clock::Uptime);
    rig.backend().set_timer(TimerId(4), millis(20), Clock::Continuous);
    rig.backend().cancel_timer(TimerId(3));
    rig.backend().cancel_timer(TimerId(4));
    rig.expect_timer(TimerId(1))?;
    rig.expect_timer(TimerId(2))?;
    let told = rig.was_told(|told| matches!(told, Callback::Timer(_)));
    sure(!told, "a timer fired that was cancelled")?;
    Ok(String::new())
}
