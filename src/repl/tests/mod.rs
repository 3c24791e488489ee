//! Rules of a session, one a test.
