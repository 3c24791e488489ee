//! The push server behind real listeners. The rules of a session are the room `server`'s; here are sockets,
//! bounds, the store and the control API.

pub mod api;
