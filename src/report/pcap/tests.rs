//! Captures of whole runs.
