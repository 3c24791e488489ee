//! The agent on any machine: the model of iOS over TCP sockets of the standard library.
