//! A second connection to the server, for a strategy that has one: opened once the first is welcomed,
//! looked after whenever the client looks after the first, closed with it.

use super::app::Client;
use super::connection::{Link, create};
use super::tasks::Slot;
use crate::port::{Frame, Phone, ServiceType, Side, StreamEvent, StreamId, StreamPair};

/// The second connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Second {
    pub(super) pair: StreamPair,
    hello_sent: bool,
}

impl Client {
    /// Makes sure that the server knows a second connection, if the strategy wants one: opens it, or says
    /// hello on it once more. What the system took away is found out by that.
    pub(super) fn check_second(&mut self, phone: &mut impl Phone) {
        let connected = match self.state.link {
            Link::Connected { .. } => true,
            Link::Idle | Link::Parked | Link::Waiting | Link::Opening { .. } => false,
        };
        if !self.strategy.second || !connected {
            return;
        }
        if self.state.second.is_some_and(|second| second.hello_sent) {
            self.hello_second(phone);
        }
        if self.state.second.is_none() {
            self.open_second(phone);
        }
    }

    fn open_second(&mut self, phone: &mut impl Phone) {
        let pair = create(self.strategy.second_transport, phone);
        self.state.second = Some(Second { pair, hello_sent: false });
        let mut opened = true;
        for stream in [pair.read(), pair.write()] {
            match self.strategy.second_service_type {
                ServiceType::Default => {}
                service @ (ServiceType::Voip | ServiceType::VoipRequest) => {
                    phone.set_service_type(stream, service);
                }
            }
            phone.set_client(stream);
            phone.schedule(stream, self.strategy.run_loop);
            opened &= phone.open(stream);
        }
        if !opened {
            self.close_second(phone);
        }
    }

    /// Names the device on the second connection, which is closed if that fails.
    fn hello_second(&mut self, phone: &mut impl Phone) {
        let device = self.device;
        let Some(second) = &mut self.state.second else { return };
        match phone.write(second.pair.write(), Frame::HelloSide { device }) {
            Ok(taken) => second.hello_sent |= taken > 0,
            Err(_) => self.close_second(phone),
        }
    }

    pub(super) fn close_second(&mut self, phone: &mut impl Phone) {
        if let Some(Second { pair, .. }) = self.state.second.take() {
            phone.close(pair.read());
            phone.close(pair.write());
        }
    }

    /// Whether `pair` is the second connection's.
    pub(super) fn is_second(&self, pair: StreamPair) -> bool {
        self.state.second.is_some_and(|second| second.pair == pair)
    }

    /// A stream of the second connection has something to say. One that has ended is opened again when the
    /// client looks after its connections next.
    pub(super) fn second_stream(
        &mut self,
        stream: StreamId,
        event: StreamEvent,
        phone: &mut impl Phone,
    ) {
        match event {
            StreamEvent::OpenCompleted | StreamEvent::CanAcceptBytes => {
                let said = self.state.second.is_some_and(|second| second.hello_sent);
                if stream.side == Side::Write && !said {
                    self.hello_second(phone);
                }
            }
            StreamEvent::HasBytesAvailable => {
                self.woken(phone);
                self.read_on(StreamPair(stream.pair), phone);
            }
            StreamEvent::ErrorOccurred | StreamEvent::EndEncountered => {
                self.woken(phone);
                self.close_second(phone);
                self.end_task(Slot::Wake, phone);
            }
        }
    }
}
