//! The agent of a run on a device: on iOS the app itself, anywhere else the same client under the model of iOS.

fn main() {}
