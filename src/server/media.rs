//! A media stream: a small packet at a steady pace, over the second connection if there is one. It lasts
//! as long as the connection on which it began, or as the scenario says.

use super::session::Context;
use super::{ServerOptions, Session};
use crate::port::{Frame, Span, Time};
use crate::trace::{Observer, What};

/// The stream that the server sends.
#[derive(Copy, Clone, Debug)]
pub(super) struct Media {
    /// When the next packet goes; never without a stream.
    next: Time,
    until: Time,
    /// Where it goes.
    connection: u32,
}

impl Default for Media {
    fn default() -> Self {
        Media { next: Time::NEVER, until: Time::NEVER, connection: 0 }
    }
}

impl Media {
    pub(super) fn deadline(&self) -> Time {
        self.next
    }

    /// Where the stream goes.
    pub(super) fn connection(&self) -> u32 {
        self.connection
    }

    /// When the stream ends: with the first packet whose time is not before its end.
    pub(super) fn ends(&self, options: &ServerOptions) -> Time {
        if self.next == Time::NEVER || self.until == Time::NEVER {
            return Time::NEVER;
        }
        let pace = pace(options);
        let packets = self.until.since(self.next).as_micros().div_ceil(pace.as_micros());
        self.next + pace.saturating_mul(packets)
    }
}

/// From one packet to the next.
fn pace(options: &ServerOptions) -> Span {
    options.media_interval.max(Span::TICK)
}

impl Session {
    /// The server begins to send media, for `lasts` or until it is told to stop; nothing happens without
    /// a session.
    pub fn media<O: Observer>(&mut self, on: bool, lasts: Option<Span>, cx: &mut Context<'_, O>) {
        self.stop_media(cx);
        if let Some(connection) = self.side().or(self.connection()).filter(|_| on) {
            let now = cx.probe.at;
            let until = lasts.map_or(Time::NEVER, |span| now + span);
            self.media = Media { next: now, until, connection };
            cx.probe.emit(What::Media { on });
        }
        self.arm(cx.options);
    }

    /// The stream ends, if there is one.
    pub(super) fn stop_media<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if std::mem::take(&mut self.media).next != Time::NEVER {
            cx.probe.emit(What::Media { on: false });
        }
    }

    /// A connection is over, and a stream on it too.
    pub(super) fn end_media<O: Observer>(&mut self, connection: u32, cx: &mut Context<'_, O>) {
        if self.media.connection == connection {
            self.stop_media(cx);
        }
    }

    /// The next packet goes, or the stream is over.
    pub(super) fn send_media<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let now = cx.probe.at;
        if self.media.until <= now {
            return self.stop_media(cx);
        }
        self.media.next = now + pace(cx.options);
        self.send(self.media.connection, Frame::Media);
    }
}

#[cfg(test)]
mod tests {
    use crate::port::{Frame, Span, Transport};
    use crate::server::tests::{Server, plain, send};
    use crate::trace::ConnectionEnd;

    fn media(server: &mut Server, on: bool, lasts: Option<Span>) {
        server.act(|session, cx| session.media(on, lasts, cx));
    }

    const SECOND: Span = Span::from_secs(1);

    #[test]
    fn a_packet_goes_every_20_ms_until_the_stream_is_over() {
        let mut server = plain();
        server.connect(1);
        media(&mut server, true, Some(SECOND));
        assert_eq!(server.wait(SECOND + SECOND), vec![send(1, Frame::Media); 50]);
        assert_eq!(server.count("server.media"), 2);
    }

    #[test]
    fn it_goes_over_the_second_connection_and_ends_with_it() {
        let mut server = plain();
        server.connect(1);
        server.connect_side(2, Transport::Udp);
        media(&mut server, true, None);
        assert_eq!(server.wait(Span::TICK), [send(2, Frame::Media)]);
        server.closed(2, ConnectionEnd::Reset);
        assert_eq!(server.wait(SECOND), []);
    }

    #[test]
    fn a_step_stops_it_and_without_a_session_there_is_none() {
        let mut server = plain();
        media(&mut server, true, None);
        assert_eq!((server.wait(SECOND), server.count("server.media")), (vec![], 0));
        server.connect(1);
        media(&mut server, true, None);
        media(&mut server, false, None);
        assert_eq!(server.wait(SECOND), []);
    }
}
