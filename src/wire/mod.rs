//! What goes over a real connection: the line protocol of our own server, as bytes. Sockets are elsewhere.
//!
//! `message` is what can be said, `lines` makes lines of bytes, `decode` and `encode` are a line and what it says,
//! `frames` is which of them a frame is, `speech` how a phone talks and hears with them.
//! `docs/protocol.md` describes it for people. `dialect` is how other servers are talked to.

mod decode;
pub mod dialect;
mod encode;
mod frames;
mod lines;
mod message;
mod speech;

pub use decode::is_device_name;
pub use lines::{Lines, MOST_LINE, Wrong};
pub use message::{ClientMessage, PORT, ServerMessage, VERSION, frame_id, wire_id};
pub use speech::{Said, Speech};
