//! A run as a trace that the Perfetto UI opens: lanes as tracks, what lasts as slices, pushes as flows.

mod device;
mod notes;
mod proto;
mod stretches;
#[cfg(test)]
mod tests;
mod writer;

use super::paragraph::plain;
use super::{Entry, Run};
use crate::trace::Event;
use device::device;
use writer::Writer;

/// The run of `entry` that is shown, whose events these are, as a file's bytes.
pub fn perfetto(entry: &Entry, events: &[Event]) -> Vec<u8> {
    let scenario = &entry.subject.scenario;
    let end = scenario.duration.from_start();
    let mut writer = Writer::default();
    let seed = entry.seed();
    let root = writer.track(None, &plain(&format!("{}, seed {seed}", scenario.name)));
    if let Some(Run { outcome, sentence, reproduce, .. }) = entry.shown() {
        let (verdict, sentence, again) = (outcome.verdict, plain(sentence), plain(reproduce));
        writer.describe(root, format!("{verdict}: {sentence}\nrun again: {again}"));
    }
    let of_devices = by_device(events, scenario.devices);
    for (number, events) in (1..).zip(&of_devices) {
        let parent = match scenario.devices {
            1 => root,
            _ => writer.track(Some(root), &format!("device {number}")),
        };
        device(&mut writer, parent, scenario, (number, events), end);
    }
    writer.finish()
}

/// The events of each device, those that concern all of them among them.
fn by_device(events: &[Event], devices: u32) -> Vec<Vec<Event>> {
    let mut of: Vec<Vec<Event>> = vec![Vec::new(); devices as usize];
    for event in events {
        match event.owner {
            0 => of.iter_mut().for_each(|list| list.push(*event)),
            owner => {
                let place = usize::try_from(owner).ok().and_then(|owner| owner.checked_sub(1));
                if let Some(list) = place.and_then(|place| of.get_mut(place)) {
                    list.push(*event);
                }
            }
        }
    }
    of
}
