//! A media stream: a small packet at a steady pace, over the second connection if there is one. It lasts
//! as long as the connection on which it began, or as the scenario says.

use super::Session;
use super::session::Context;
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
        self.media.next = now + cx.options.media_interval.max(Span::TICK);
        self.send(self.media.connection, Frame::Media);
    }
}
