//! The virtual-time kernel.
