//! An app of somebody else's: it calls its server, rings, and calls again three tenths of a second after the end.

use holdline::port::{
    App, Callback, Clock, Frame, Phone, RunLoop, ServiceType, Span, StreamEvent, StreamPair,
    TimerId,
};

const AGAIN: TimerId = TimerId(9);

#[derive(Default)]
pub(crate) struct Caller {
    line: Option<StreamPair>,
    connected: u32,
    /// Exits when it has been welcomed so often.
    exits_at: Option<u32>,
}

impl App for Caller {
    fn on(&mut self, callback: Callback, phone: &mut impl Phone) {
        match callback {
            Callback::Launched(_) | Callback::Timer(AGAIN) => self.call(phone),
            Callback::Stream(stream, event) if self.line == Some(StreamPair(stream.pair)) => {
                match event {
                    StreamEvent::OpenCompleted => {}
                    StreamEvent::CanAcceptBytes => self.say(Frame::Hello { device: 1 }, phone),
                    StreamEvent::HasBytesAvailable => self.listen(phone),
                    StreamEvent::ErrorOccurred | StreamEvent::EndEncountered => {
                        self.hang_up(phone);
                    }
                }
            }
            Callback::Stream(..)
            | Callback::Timer(_)
            | Callback::BecameActive
            | Callback::WillResignActive
            | Callback::EnteredBackground
            | Callback::WillEnterForeground
            | Callback::WillTerminate
            | Callback::MemoryWarning
            | Callback::ProtectedDataAvailable
            | Callback::KeepAlive
            | Callback::TaskExpiring(_)
            | Callback::ReachabilityChanged(_)
            | Callback::LowPowerModeChanged(_)
            | Callback::Continue(_) => {}
        }
    }

    fn forget(&mut self) {
        *self = Caller::default();
    }
}

impl Caller {
    pub(crate) fn that_exits_at(connected: u32) -> Caller {
        Caller { exits_at: Some(connected), ..Caller::default() }
    }

    fn call(&mut self, phone: &mut impl Phone) {
        let pair = phone.create_stream();
        for stream in [pair.read(), pair.write()] {
            phone.set_service_type(stream, ServiceType::Voip);
            phone.set_client(stream);
            phone.schedule(stream, RunLoop::Main);
            phone.open(stream);
        }
        self.line = Some(pair);
    }

    fn say(&mut self, frame: Frame, phone: &mut impl Phone) {
        if let Some(pair) = self.line
            && phone.write(pair.write(), frame).is_err()
        {
            self.hang_up(phone);
        }
    }

    /// One frame a callback: the phone says again that there is something to read.
    fn listen(&mut self, phone: &mut impl Phone) {
        let Some(pair) = self.line else { return };
        match phone.read(pair.read()) {
            Ok(Some(Frame::Welcome)) => {
                self.connected += 1;
                if self.exits_at == Some(self.connected) {
                    phone.exit(7);
                }
            }
            Ok(Some(Frame::Push { id })) => {
                phone.post_local_notification(1, id);
                self.say(Frame::Ack { id }, phone);
            }
            Ok(Some(Frame::Ping { n })) => self.say(Frame::Pong { n }, phone),
            Ok(_) => {}
            Err(_) => self.hang_up(phone),
        }
    }

    fn hang_up(&mut self, phone: &mut impl Phone) {
        if let Some(pair) = self.line.take() {
            phone.close(pair.read());
            phone.close(pair.write());
            phone.set_timer(AGAIN, Span::from_millis(300), Clock::Continuous);
        }
    }
}
