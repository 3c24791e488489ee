//! What goes over a real connection: the line protocol of our own server, as bytes. Sockets are elsewhere.
//!
//! `message` is what can be said, with its one spelling. `docs/protocol.md` describes it for people. `dialect` is how other servers are talked to.

pub mod dialect;
mod message;

pub use message::{ClientMessage, ServerMessage, VERSION, frame_id, wire_id};
