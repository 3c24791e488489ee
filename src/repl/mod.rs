//! A world that is steered by hand: what it looks like from inside.

pub mod insight;
