//! What days in a life were like, in sentences: the verdict of `holdline try`.

use std::fmt::Write;

use super::human;
use super::paragraph::paragraph;
use super::style::{BAD, FAINT, GOOD, HEADING, UNSURE, paint};
use crate::metrics::{Delays, Metric, Totals};
use crate::port::Span;
use crate::scenario::{Override, Scenario};
use crate::settings::Share;
use crate::study::{
    Advice, ENOUGH_FOR_P99, Outage, Quantile, Refused, Trial, clock, most_first, quantile,
};

/// At least this, in millionths, is drawn as good.
const GOOD_SHARE: u32 = 990_000;
/// Less than this is drawn as bad.
const BAD_SHARE: u32 = 900_000;
/// So many pieces of advice are shown.
const MOST_ADVICE: usize = 3;

/// The verdict on the days of `scenario`, in paragraphs of at most `width` columns.
pub fn days(scenario: &Scenario, trial: &Trial, advice: &[Advice], width: usize) -> String {
    let mut out = String::new();
    let share = trial.reachable();
    let style = match share {
        GOOD_SHARE.. => GOOD,
        BAD_SHARE..GOOD_SHARE => UNSURE,
        0..BAD_SHARE => BAD,
    };
    let head = format!("reachable {} ", human::share(Share::from_ppm(share)));
    let painted = paint(style, &head);
    paragraph(&mut out, (&painted, head.chars().count()), 2, &with(scenario), width);
    out.push('\n');
    for (title, sentence) in sentences(scenario, trial) {
        let head = format!("  {} ", paint(HEADING, &format!("{title:<10}")));
        paragraph(&mut out, (&head, 13), 13, &sentence, width);
    }
    out.push('\n');
    out.push_str(&to_change(trial, advice, width));
    out
}

/// Who it was about.
fn with(scenario: &Scenario) -> String {
    let Scenario { platform, manifest, network, client, server, .. } = scenario;
    let sdk = manifest.sdk.map_or("unknown SDK".to_owned(), |sdk| format!("SDK {sdk}"));
    let heartbeat = match server.values.heartbeat_interval {
        Some(interval) => format!("server heartbeats every {}", human::span(interval)),
        None => "no server heartbeats".to_owned(),
    };
    format!(
        "of {}, with `{}` on {} (linked with {sdk}), {} and {}, {heartbeat}, seed {}",
        human::span(scenario.duration),
        client.name,
        platform.name,
        network.wifi.name,
        network.cellular.name,
        scenario.seed
    )
}

/// What there is to say, each under a short title.
pub fn sentences(scenario: &Scenario, trial: &Trial) -> Vec<(&'static str, String)> {
    let totals = &trial.outcome.totals;
    let mut list = vec![("pushes", pushes(trial))];
    list.push(("worst", worst(trial, scenario.deadline)));
    if let Some(spent) = spent(trial) {
        list.push(("why", spent));
    }
    list.push(("noticed", noticed(totals)));
    list.push(("killed", killed(trial)));
    if let Some(refused) = refused(trial) {
        list.push(("refused", refused));
    }
    list.push(("cost", cost(scenario, trial)));
    list
}

/// How the pushes went.
fn pushes(trial: &Trial) -> String {
    let mut delays = trial.tally.delays.clone();
    delays.sort_unstable();
    let unread = trial.tally.unread;
    let all = delays.len() as u64 + unread;
    let read = match (all, unread) {
        (0, _) => return "None was sent.".into(),
        (all, 0) => format!("All {all} were read"),
        (all, unread) => format!("{} of {all} were read", all - unread),
    };
    let within = |percent| match quantile(&delays, unread, percent) {
        Quantile::Within(span) => format!("within {}", human::span(span)),
        Quantile::Never | Quantile::NoPushes => "never".to_owned(),
    };
    let few = match all < ENOUGH_FOR_P99 {
        true => " Of so few, the slowest stands for the 99 %.",
        false => "",
    };
    format!("{read}: 50 % {}, 99 % {}.{few}", within(50), within(99))
}

/// The worst outage, with its cause.
fn worst(trial: &Trial, deadline: Span) -> String {
    match trial.tally.worst {
        None => format!("Never out of reach for longer than {}.", human::span(deadline)),
        Some(Outage { from, lasted, blame }) => format!(
            "Out of reach for {} from {}: {} ({}).",
            human::span(lasted),
            clock(from),
            blame.words(),
            blame.rule()
        ),
    }
}

/// What all unreachable time was spent in, if there is more than the worst outage to say.
fn spent(trial: &Trial) -> Option<String> {
    let spent = most_first(&trial.tally.blames);
    let all: u64 = spent.iter().map(|(_, span)| span.as_micros()).sum();
    let part = |span: &Span| human::share(Share::of(span.as_micros(), all));
    let parts: Vec<_> = spent
        .iter()
        .take(3)
        .map(|(blame, span)| format!("{} {}", part(span), blame.rule()))
        .collect();
    let (first, _) = spent.first()?;
    let whole = human::span(Span::from_micros(all));
    Some(format!("Of {whole} out of reach: {}. Mostly {}.", parts.join(", "), first.words()))
}

/// How soon each side noticed dead connections.
fn noticed(totals: &Totals) -> String {
    let side = |delays: &Delays, missed: u64| {
        let all = delays.count + missed;
        let Some(mean) = delays.mean() else {
            return (all > 0).then(|| format!("none of {all} dead connections"));
        };
        if all == 1 {
            return Some(format!("its one dead connection after {}", human::span(delays.max)));
        }
        Some(format!(
            "{} of {} within {}, {} on average",
            delays.count,
            human::plural(all, "dead connection"),
            human::span(delays.max),
            human::span(mean)
        ))
    };
    let phone = side(&totals.client, totals.missed);
    let server = side(&totals.server, 0);
    match (phone, server) {
        (None, None) => "No connection died unnoticed.".into(),
        (Some(phone), None) => format!("The phone noticed {phone}."),
        (None, Some(server)) => format!("The server noticed {server}."),
        (Some(phone), Some(server)) => {
            format!("The phone noticed {phone}; the server {server}.")
        }
    }
}

fn killed(trial: &Trial) -> String {
    let kills: Vec<_> = trial
        .tally
        .kills
        .iter()
        .map(|((rule, code), n)| format!("{} by {rule} ({code})", human::times(*n)))
        .collect();
    match kills[..] {
        [] => "iOS never ended the app.".into(),
        [..] => format!("iOS ended the app {}.", kills.join(", ")),
    }
}

/// What was refused to the app.
fn refused(trial: &Trial) -> Option<String> {
    let one = |(refused, n): (&Refused, &u64)| {
        let what = match refused {
            Refused::KeepAlive(_) => "The keep-alive handler was not installed",
            Refused::VoipTag(_) => "The VoIP service type had no effect",
        };
        format!("{what} {} ({}).", human::times(*n), refused.rule())
    };
    let all: Vec<_> = trial.tally.refused.iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// Tenths of a wake an hour, rounded to the nearest.
pub fn wakes_an_hour(trial: &Trial, duration: Span) -> u64 {
    let wakes = u128::from(trial.outcome.totals.count(Metric::Wakes)) * 36_000_000_000;
    let whole = u128::from(duration.as_micros().max(1));
    ((wakes + whole / 2) / whole) as u64
}

fn cost(scenario: &Scenario, trial: &Trial) -> String {
    let tenths = wakes_an_hour(trial, scenario.duration);
    let share = trial.outcome.totals.share(Metric::BatteryPerDay);
    let battery = share.map(human::share).unwrap_or_default();
    format!("{}.{} wakes an hour, {battery} of the battery a day.", tenths / 10, tenths % 10)
}

/// A change as options: `--set key=value`.
pub fn options(change: &[Override]) -> String {
    let one = |over: &Override| format!("--set {}={}", over.key, over.value.replace(' ', ""));
    change.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// What to change, where a change was found that helps.
fn to_change(trial: &Trial, advice: &[Advice], width: usize) -> String {
    let mut out = String::new();
    if advice.is_empty() {
        let share = trial.reachable();
        let text = match share {
            GOOD_SHARE.. => "None of the changes that were tried makes it any better.",
            0..GOOD_SHARE => {
                "None of the changes to client and server that were tried makes it better here. \
                 `holdline check` says which other ways an app has on this iOS."
            }
        };
        paragraph(&mut out, ("", 0), 0, text, width);
        return out;
    }
    paragraph(&mut out, ("", 0), 0, "The same days with one change, played again:", width);
    for Advice { change, trial } in advice.iter().take(MOST_ADVICE) {
        let share = human::share(Share::from_ppm(trial.reachable()));
        let _ = writeln!(out, "  {share:>7}  {}", options(change));
    }
    let sdk = |advice: &Advice| advice.change.iter().any(|over| over.key == "app.sdk");
    if advice.iter().take(MOST_ADVICE).any(sdk) {
        let text = "No store takes a new build with an old SDK: `holdline check` says which other \
                    ways an app has on this iOS.";
        let head = paint(FAINT, "           ");
        paragraph(&mut out, (&head, 11), 11, text, width);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Presets, decode};
    use crate::study::{Choice, trial};

    fn played(choice: &Choice) -> (Scenario, Trial) {
        let scenario = decode(&choice.text(), &Presets::built_in(), &[]).unwrap();
        let trial = trial(&scenario, false);
        (scenario, trial)
    }

    fn said(choice: &Choice) -> String {
        let (scenario, trial) = played(choice);
        sentences(&scenario, &trial).into_iter().map(|(_, text)| text + "\n").collect()
    }

    #[test]
    fn each_side_is_told_by_how_soon_it_noticed() {
        let delays = |count, seconds: u64| Delays {
            count,
            sum: Span::from_secs(seconds * count),
            max: Span::from_secs(seconds),
        };
        let mut totals = Totals::default();
        assert_eq!(noticed(&totals), "No connection died unnoticed.");
        totals.client = delays(1, 492);
        totals.server = delays(2, 9);
        assert_eq!(
            noticed(&totals),
            "The phone noticed its one dead connection after 8 m 12 s; the server 2 of 2 dead \
             connections within 9 s, 9 s on average."
        );
        totals.client = delays(0, 0);
        totals.missed = 3;
        assert!(noticed(&totals).starts_with("The phone noticed none of 3 dead connections;"));
    }

    #[test]
    fn what_ended_the_app_is_told_by_rule_and_code() {
        let heartbeat = Some(Span::from_secs(15));
        let text = said(&Choice { heartbeat, days: 1, ..Choice::default() });
        assert!(text.contains("times by wake-limit (0xbad22222)."), "{text}");
        assert!(text.contains("it was woken too often (kill wake-limit)."), "{text}");
    }

    #[test]
    fn what_was_refused_is_said() {
        let platform = "ios-10".to_owned();
        let text = said(&Choice { platform, days: 1, ..Choice::default() });
        assert!(text.contains("The keep-alive handler was not installed"), "{text}");
        assert!(text.contains("(voip-tag-ignored sdk-gate)."), "{text}");
    }

    #[test]
    fn advice_is_told_as_options_and_never_leaves_one_with_an_old_sdk_alone() {
        let choice = Choice { platform: "ios-10".into(), days: 1, ..Choice::default() };
        let (_, bad) = played(&choice);
        let change = vec![Override::new("app.sdk", "9"), Override::new("client.x.y", "9m 8s")];
        let advice = [Advice { change, trial: bad.clone() }];
        let text = to_change(&bad, &advice, 80);
        assert!(text.contains("--set app.sdk=9 --set client.x.y=9m8s\n"), "{text}");
        assert!(text.contains("holdline check"), "{text}");
        assert!(to_change(&bad, &[], 80).contains("None of the changes"));
    }
}
