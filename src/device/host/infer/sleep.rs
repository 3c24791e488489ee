//! When the device slept: one of its clocks stands still then, the other does not.

use super::{Additions, Situation};
use crate::port::{Span, Time};
use crate::scenario::Act;
use crate::trace::What;

/// Sleep is longer than what two readings of clocks can differ by.
const SHORTEST: Span = Span::from_millis(1);

/// Adds when the device fell asleep and woke. Of several sleeps between two lines of the log it is one, as long as
/// all of them, at the end of that time.
pub(super) fn infer(added: &mut Additions<'_>, situation: &Situation<'_>) {
    let mut last: Option<(usize, Time, u64)> = None;
    let mut found = Vec::new();
    for (place, known) in added.known.iter().enumerate() {
        let Some(uptime) = known.uptime else { continue };
        let at = known.event.at;
        if let Some((before, since, stood)) = last
            && let Some(ran) = uptime.checked_sub(stood)
        {
            let slept = at.since(since) - Span::from_micros(ran);
            if slept >= SHORTEST {
                found.push((before, place, slept));
            }
        }
        last = Some((place, at, uptime));
    }
    for (before, place, slept) in found {
        let woke = woken(added, situation, before, place).unwrap_or(place);
        let at = added.known[woke].event.at;
        let since = at.as_micros().saturating_sub(slept.as_micros());
        added.at(Time::from_micros(since), What::DeviceSlept {});
        if woke == place {
            added.before(place, What::DeviceWoke { slept });
        } else {
            added.after(woke, What::DeviceWoke { slept });
        }
    }
}

/// The first step between two lines that wakes a device.
fn woken(
    added: &Additions<'_>,
    situation: &Situation<'_>,
    before: usize,
    place: usize,
) -> Option<usize> {
    let wakes = |act: Act| {
        matches!(
            act,
            Act::UserUnlock
                | Act::UserForeground
                | Act::PhoneCharger { connected: true }
                | Act::PhoneScreen { on: true }
                | Act::PhoneActivity { on: true }
                | Act::PhoneReboot
        )
    };
    (before + 1..place).find(|step| situation.act(&added.known[*step].event).is_some_and(wakes))
}
