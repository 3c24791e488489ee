//! A session in which somebody steers a scenario by hand: acts are steps, time goes on, back, and in two
//! futures.
//!
//! A [`Session`] is the text of a scenario and a time; whatever is done changes one of them. The text is decoded
//! as any scenario is, and played from its seed to that time. So going back is cheap and exact, and what is saved
//! plays the same. It does no I/O: it writes into the text it is given, and a [`Desk`] holds its files.

mod blocks;
mod brief;
mod commands;
mod complete;
mod desk;
mod edit;
mod expect_line;
mod goals;
mod ground;
mod help;
mod interrupt;
mod names;
mod refusal;
mod session;
mod settings;
mod show;
mod simulated;
mod standing;
mod step_line;
mod story;
#[cfg(test)]
mod tests;
mod text;
mod times;
mod travel;
mod values;
mod vocabulary;
mod words;

pub use brief::{Brief, DeviceBrief};
pub use complete::{Candidate, Completion};
pub use desk::{Desk, NoFiles, Unwritten};
pub use ground::{Ability, Goal, Ground, Stop};
pub use interrupt::Interrupt;
pub use refusal::Refusal;
pub use session::{Flow, Opening, Session, Unopened};
pub use simulated::Simulated;
pub use vocabulary::{CommandWords, KeyWords, Vocabulary};
