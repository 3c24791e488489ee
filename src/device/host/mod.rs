//! The host of a run on a device: it packages, starts and drives the agent, collects what it wrote, and judges it.

pub mod package;
