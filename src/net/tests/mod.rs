//! Rules of the whole path, one file a subject.

mod any;
mod bounds;
mod connect;
mod death;
mod delivery;
mod ending;
mod nat;
