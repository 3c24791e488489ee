//! A scenario played: its steps into inputs, its expectations against events.
