//! The page as a whole: nothing from outside, nothing that a scenario smuggles in, the same bytes every time.

use super::*;
