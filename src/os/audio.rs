//! Sound: an app that plays or records runs on in background for as long as it does, if its Info.plist has
//! the `audio` mode (Apple, App Programming Guide for iOS, Playing and Recording Background Audio). Silence
//! ends it, and so does suspension: a suspended app runs no code that could begin again.

use super::{Context, Os};
use crate::port::{AppState, Span};
use crate::trace::{LeaseReason, LogLine, Observer, What};

impl Os {
    /// The app begins or ends to play or record sound.
    pub fn audio<O: Observer>(&mut self, on: bool, cx: &mut Context<'_, O>) {
        if !self.state.runs() {
            let line = LogLine::NO_AUDIO;
            return cx.probe.emit(What::SystemLog { line, id: 0 });
        }
        if self.audio == on {
            return;
        }
        self.audio = on;
        cx.probe.emit(What::Audio { on });
        if self.state != AppState::Background {
            return;
        }
        if on {
            self.keep_for_audio(cx);
        } else {
            self.end_lease(LeaseReason::Audio, cx);
        }
    }

    /// The app is in background: what it plays or records keeps it running, if it may.
    pub(super) fn keep_for_audio<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.audio && cx.gate.audio {
            self.begin_lease(LeaseReason::Audio, Span::MAX, cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::port::{AppState, ServiceType, Span};
    use crate::trace::What;

    const HOUR: Span = Span::from_secs(3_600);

    fn in_a_call(modes: &[&str]) -> Bench {
        let mut bench = Bench::ios(9);
        bench.manifest.background_modes = modes.iter().map(|mode| (*mode).to_owned()).collect();
        bench.connect(ServiceType::Voip);
        bench.audio(true);
        bench.background();
        bench
    }

    #[test]
    fn an_app_that_plays_with_the_audio_mode_is_not_suspended() {
        let mut bench = in_a_call(&["voip", "audio"]);
        bench.sleep(HOUR);
        assert_eq!(bench.os.state(), AppState::Background);
        bench.audio(false);
        bench.run_until_suspended();
    }

    #[test]
    fn without_the_audio_mode_it_is_suspended_in_the_middle() {
        let mut bench = in_a_call(&["voip"]);
        bench.sleep(HOUR);
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn what_arrives_while_it_plays_is_no_wake() {
        let mut bench = in_a_call(&["voip", "audio"]);
        for _ in 0..30 {
            bench.sleep(Span::from_secs(5));
            bench.data_arrives();
        }
        assert_eq!(bench.count(|what| matches!(what, What::Wake { .. })), 0);
        assert_eq!(bench.os.state(), AppState::Background);
    }

    #[test]
    fn playing_can_begin_in_a_wake_and_lasts_beyond_it() {
        let mut bench = Bench::ios(9);
        bench.manifest.background_modes.push("audio".to_owned());
        bench.connect_voip_and_suspend();
        bench.audio(true);
        assert_eq!(bench.os.state(), AppState::Suspended, "it runs no code that could play");
        bench.data_arrives();
        bench.audio(true);
        bench.sleep(HOUR);
        assert_eq!(bench.os.state(), AppState::Background);
    }

    #[test]
    fn a_suspended_app_does_not_play_on_when_it_is_woken() {
        let mut bench = in_a_call(&["voip"]);
        bench.run_until_suspended();
        bench.manifest.background_modes.push("audio".to_owned());
        bench.data_arrives();
        bench.sleep(HOUR);
        assert_eq!(bench.os.state(), AppState::Suspended);
    }
}
