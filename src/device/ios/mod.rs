//! What only iOS has: the one place with `unsafe`.
#![allow(unsafe_code)]
