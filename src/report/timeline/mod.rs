//! A run drawn by lanes, as plain text: what the user did, what state the app was in, what each side
//! believed of the connection and where they were wrong, pushes, faults, kills.
//!
//! It knows events, and no rules.

pub fn draw(_: &crate::scenario::Scenario, _: &[crate::trace::Event], _: usize) -> String {
    String::new()
}
