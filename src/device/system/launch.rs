//! Why a process was launched, and what of an app's life the client is told.
//!
//! Without scenes UIKit says at once whether an app was launched on screen. With scenes an app is in the background
//! until its scene is connected, also when the user opened it: then the first sign of the foreground tells, or that
//! none came. UIKit also announces that a scene enters the foreground when the app has only been launched; an app
//! without scenes is told that only when it comes back, and so is the client.

use crate::port::{AppState, Callback, LaunchReason};

/// The launch of a process, and where its app is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Launch {
    /// The reason, if it was launched in the background.
    in_background_for: LaunchReason,
    known: Option<LaunchReason>,
    in_background: bool,
}

/// What the client is to be told.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Why it was launched, when that is known only now.
    pub launched: Option<LaunchReason>,
    /// Whether it is told what the system told.
    pub this: bool,
}

impl Launch {
    /// A process has been launched: `state` is what UIKit says then.
    pub fn new(state: AppState, scenes: bool) -> Launch {
        let in_background_for = LaunchReason::VoipRelaunch;
        let known = match (state.foreground(), scenes) {
            (true, _) => Some(LaunchReason::User),
            (false, false) => Some(in_background_for),
            (false, true) => None,
        };
        let in_background = known == Some(in_background_for);
        Launch { in_background_for, known, in_background }
    }

    /// The device has booted since the process before: if this one was launched in the background, then for that.
    pub fn booted(&mut self) {
        if self.known == Some(self.in_background_for) {
            self.known = Some(LaunchReason::Boot);
        }
        self.in_background_for = LaunchReason::Boot;
    }

    /// Why it was launched, if that is known.
    pub fn reason(&self) -> Option<LaunchReason> {
        self.known
    }

    /// The system told something about the app's life.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only four callbacks are about that")]
    pub fn hear(&mut self, callback: Callback) -> Told {
        let launched = match callback {
            Callback::WillEnterForeground | Callback::BecameActive => self.find(LaunchReason::User),
            Callback::EnteredBackground => self.find(self.in_background_for),
            _ => None,
        };
        let this = match callback {
            Callback::WillEnterForeground => std::mem::take(&mut self.in_background),
            Callback::BecameActive => {
                self.in_background = false;
                true
            }
            // Who was launched in the background is there already.
            Callback::EnteredBackground => !std::mem::replace(&mut self.in_background, true),
            _ => true,
        };
        Told { launched, this }
    }

    /// It was waited for a sign of the foreground; answers why it was launched, when that is known only now.
    pub fn waited(&mut self) -> Option<LaunchReason> {
        self.find(self.in_background_for)
    }

    fn find(&mut self, reason: LaunchReason) -> Option<LaunchReason> {
        if self.known.is_some() {
            return None;
        }
        self.known = Some(reason);
        self.in_background = reason != LaunchReason::User;
        self.known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Callback::{BecameActive, EnteredBackground, WillEnterForeground, WillResignActive};
    use LaunchReason::{Boot, User, VoipRelaunch};

    fn told(launched: Option<LaunchReason>, this: bool) -> Told {
        Told { launched, this }
    }

    #[test]
    fn without_scenes_the_state_at_launch_says_it() {
        for (state, before, after_a_boot) in [
            (AppState::Inactive, User, User),
            (AppState::Active, User, User),
            (AppState::Background, VoipRelaunch, Boot),
        ] {
            let mut launch = Launch::new(state, false);
            assert_eq!(launch.reason(), Some(before));
            launch.booted();
            assert_eq!(launch.reason(), Some(after_a_boot));
        }
    }

    #[test]
    fn with_scenes_the_first_sign_of_the_foreground_says_it() {
        let mut launch = Launch::new(AppState::Background, true);
        assert_eq!(launch.reason(), None);
        assert_eq!(launch.hear(WillEnterForeground), told(Some(User), false));
        assert_eq!(launch.hear(BecameActive), told(None, true));
        assert_eq!(launch.waited(), None);
        assert_eq!(launch.reason(), Some(User));
    }

    #[test]
    fn with_scenes_no_sign_of_the_foreground_says_it_too() {
        let mut launch = Launch::new(AppState::Background, true);
        launch.booted();
        assert_eq!(launch.waited(), Some(Boot));
        assert_eq!(launch.hear(WillEnterForeground), told(None, true));
        let mut launch = Launch::new(AppState::Background, true);
        assert_eq!(launch.hear(EnteredBackground), told(Some(VoipRelaunch), false));
    }

    #[test]
    fn the_client_hears_of_the_foreground_when_it_comes_back() {
        let mut launch = Launch::new(AppState::Inactive, true);
        let life = [
            (WillEnterForeground, false),
            (BecameActive, true),
            (WillResignActive, true),
            (EnteredBackground, true),
            (WillEnterForeground, true),
            (BecameActive, true),
        ];
        for (callback, this) in life {
            assert_eq!(launch.hear(callback), told(None, this), "{callback:?}");
        }
    }
}
