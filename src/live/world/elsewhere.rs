//! A server that runs elsewhere, talked to in a dialect. Pushes go through it: a connection of our own publishes
//! them as anybody would.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::clock::ModelClock;
use super::socket::Inbox;
use super::stage::device_name;
use crate::port::{Frame, PushId};
use crate::trace::{Event, What};
use crate::wire::Speech;
use crate::wire::dialect::{BadValue, Conversation, Dialect, Heard, Vars};

/// Where a server is, and how it is talked to.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it speaks; our own protocol when absent, in which pushes keep the server's ids.
    pub dialect: Option<Dialect>,
    /// Whom the phones log in as. Without a device they are called `device-1` and so on.
    pub vars: Vars,
}

impl Server {
    fn name(&self, device: u32) -> String {
        if self.vars.device.is_empty() { device_name(device) } else { self.vars.device.clone() }
    }

    /// How one phone talks to it.
    ///
    /// # Errors
    /// A value that cannot be said in the dialect.
    pub(super) fn speech(&self, device: u32) -> Result<Speech, BadValue> {
        let device = self.name(device);
        match &self.dialect {
            None => Ok(Speech::own(device)),
            Some(dialect) => Speech::other(dialect, &Vars { device, ..self.vars.clone() }),
        }
    }
}

/// A push that is to be published: for which device, which one, what it says.
type Wanted = (u32, PushId, String);

/// A server that runs elsewhere.
pub(super) struct Elsewhere {
    address: SocketAddr,
    wanted: UnboundedSender<Wanted>,
    told: Rc<RefCell<Told>>,
}

/// What a publisher tells.
#[derive(Default)]
struct Told {
    /// Pushes that the server has taken.
    happened: VecDeque<Event>,
    /// Why others were not published.
    failures: VecDeque<String>,
}

impl Elsewhere {
    /// Publishes over a connection that is made when there is something to publish.
    ///
    /// # Errors
    /// A value that cannot be said in the dialect.
    pub(super) fn open(
        server: &Server,
        inbox: &Rc<Inbox>,
        clock: &Arc<ModelClock>,
    ) -> Result<Elsewhere, BadValue> {
        let vars = Vars { device: "holdline-publisher".into(), ..server.vars.clone() };
        let talk = match &server.dialect {
            None => None,
            Some(dialect) => Some(Conversation::publisher(dialect, &vars)?),
        };
        let (wanted, asked) = unbounded_channel();
        let told = Rc::<RefCell<Told>>::default();
        // Without a dialect whoever runs the server pushes.
        if let Some(talk) = talk {
            let publisher = Publisher {
                address: server.address,
                talk,
                device: server.vars.device.clone(),
                inbox: Rc::clone(inbox),
                clock: Arc::clone(clock),
                told: Rc::clone(&told),
            };
            tokio::task::spawn_local(publisher.publish(asked));
        }
        Ok(Elsewhere { address: server.address, wanted, told })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn push(&self, device: u32, id: PushId, payload: &str) {
        // A publisher that has ended has told why.
        let _ = self.wanted.send((device, id, payload.to_owned()));
    }

    pub(super) fn happened(&self) -> Option<Event> {
        self.told.borrow_mut().happened.pop_front()
    }

    /// Why a push was not published, if one was not.
    pub(super) fn failure(&self) -> Option<String> {
        self.told.borrow_mut().failures.pop_front()
    }
}

/// The connection that publishes.
struct Publisher {
    address: SocketAddr,
    talk: Conversation,
    /// The one device's name, if it is given.
    device: String,
    inbox: Rc<Inbox>,
    clock: Arc<ModelClock>,
    told: Rc<RefCell<Told>>,
}

impl Publisher {
    /// Publishes what is wanted, one connection a push: nobody has to keep it alive, and it is as good as new.
    async fn publish(mut self, mut wanted: UnboundedReceiver<Wanted>) {
        while let Some((device, id, payload)) = wanted.recv().await {
            match self.publish_one(device, id, &payload).await {
                Ok(()) => {}
                Err(why) => {
                    self.told.borrow_mut().failures.push_back(format!("`{payload}`: {why}"));
                    self.inbox.tell();
                }
            }
        }
    }

    async fn publish_one(&mut self, device: u32, id: PushId, payload: &str) -> Result<(), String> {
        let text = |error: std::io::Error| error.to_string();
        let mut stream = TcpStream::connect(self.address).await.map_err(text)?;
        self.talk.connected();
        let mut out = Vec::new();
        let mut heard = self.talk.send(Frame::Hello { device: 0 }, &mut out);
        let mut buffer = vec![0; 16 * 1_024];
        loop {
            for heard in std::mem::take(&mut heard) {
                match heard {
                    Heard::Frame(Frame::Welcome) => {
                        let given = Some(self.device.clone()).filter(|name| !name.is_empty());
                        let name = given.unwrap_or_else(|| device_name(device));
                        self.talk
                            .publish(id, &name, payload, &mut out)
                            .map_err(|bad| bad.to_string())?;
                        if !self.talk.confirms() {
                            self.accepted(device, id);
                            stream.write_all(&out).await.map_err(text)?;
                            return self.close(stream).await.map_err(text);
                        }
                    }
                    Heard::Frame(Frame::Ping { n }) => {
                        // A pong makes nothing heard.
                        let _nothing = self.talk.send(Frame::Pong { n }, &mut out);
                    }
                    Heard::Accepted { id } => {
                        self.accepted(device, id);
                        return self.close(stream).await.map_err(text);
                    }
                    Heard::Refused { reason }
                    | Heard::Goodbye { reason }
                    | Heard::Broken { reason } => return Err(reason),
                    Heard::Frame(_) | Heard::Payload { .. } | Heard::Unknown { .. } => {}
                }
            }
            stream.write_all(&out).await.map_err(text)?;
            out.clear();
            let n = stream.read(&mut buffer).await.map_err(text)?;
            if n == 0 {
                return Err("the server closed the publisher's connection".into());
            }
            heard = self.talk.receive(&buffer[..n], &mut out);
        }
    }

    async fn close(&mut self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut out = Vec::new();
        // A dialect that cannot say goodbye says none.
        let _ = self.talk.close(&mut out);
        stream.write_all(&out).await?;
        stream.shutdown().await?;
        // What the server still says is not looked at; until it has closed, its answer may be under way.
        let mut rest = [0; 1_024];
        let patience = Duration::from_secs(1);
        let _ = tokio::time::timeout(patience, async {
            while stream.read(&mut rest).await.is_ok_and(|n| n > 0) {}
        })
        .await;
        Ok(())
    }

    /// The server has taken a push for the device.
    fn accepted(&self, owner: u32, push: PushId) {
        let what = What::PushAccepted { push, waiting: 0 };
        let event = Event { at: self.clock.now(), owner, seq: 0, lane: what.lane(), what };
        self.told.borrow_mut().happened.push_back(event);
        self.inbox.tell();
    }
}
