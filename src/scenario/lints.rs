//! What is no mistake but probably not what was meant. `holdline validate` says it; `allow` at the top of a
//! scenario silences a lint where the situation is the point.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use super::diagnostic::{Diagnostic, part};
use super::model::{Act, Expect, Expectation, NetworkSetup, Scenario, When};
use super::variables::Variables;
use crate::client::{HandlerAction, InstallWhen};
use crate::metrics::Value;
use crate::net::{Access, NatExpiry};
use crate::port::{Clock, Interface, PushId, Span, Transport, words};
use crate::settings::Share;

words! {
    /// Something to look at in a scenario that can be played.
    pub enum Lint {
        /// A push is sent and nothing is expected of it.
        UnusedPush = "unused-push",
        /// A step has a name that nothing calls.
        UnusedId = "unused-id",
        /// A variable that nothing uses.
        UnusedVariable = "unused-variable",
        /// A lint is allowed that has nothing to say.
        UnusedAllow = "unused-allow",
        /// An expectation that holds whatever happens.
        AlwaysTrue = "always-true",
        /// What has to happen sometimes is looked for in a single run.
        SometimesOnce = "sometimes-once",
        /// The system refuses the keep-alive handler that the client asks for.
        KeepAliveRefused = "keep-alive-refused",
        /// A deadline on a clock that stops while the device sleeps.
        ClockStops = "clock-stops",
        /// The NAT forgets the connection before anything uses it again.
        NatForgetsFirst = "nat-forgets-first",
    }
}

/// What the lints look at.
pub(super) struct Linted<'r> {
    pub(super) scenario: &'r Scenario,
    pub(super) document: &'r DeTable<'r>,
    pub(super) variables: &'r Variables<'r>,
}

impl Linted<'_> {
    /// All that is to be said.
    pub(super) fn all(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        self.unused_pushes(&mut found);
        self.unused_ids(&mut found);
        self.unused_variables(&mut found);
        self.always_true(&mut found);
        self.sometimes_once(&mut found);
        self.keep_alive_refused(&mut found);
        self.clock_stops(&mut found);
        self.nat_forgets_first(&mut found);
        found
    }

    fn unused_pushes(&self, found: &mut Vec<Diagnostic>) {
        let Scenario { steps, expects, names, .. } = self.scenario;
        // These see every push.
        let measured = |expect: &Expect| {
            matches!(expect.that, Expectation::Metric { .. } | Expectation::Converges { .. })
        };
        if expects.iter().any(measured) {
            return;
        }
        for (place, step) in steps.iter().enumerate() {
            let Act::ServerPush { push, .. } = step.act else { continue };
            let name = names.push(PushId { member: 0, ..push });
            let spoken_of = |text: &str| {
                text.split(['=', ' ', ',']).any(|word| {
                    word == name
                        || word.strip_prefix(&name).is_some_and(|rest| rest.starts_with('-'))
                })
            };
            let expected = expects.iter().any(|expect| spoken_of(&expect.text));
            let awaited = steps.iter().any(|step| match &step.when {
                When::After { event, .. } => spoken_of(&event.to_string()),
                When::At(_) | When::Every { .. } => false,
            });
            let cancelled = steps.iter().any(
                |step| matches!(step.act, Act::ServerCancel { push: of } if of.name == push.name),
            );
            if !(expected || awaited || cancelled) {
                let message = format!("nothing is expected of the push `{name}`");
                let help = "expect it with `that = \"push-received\"`, or remove the step";
                let span = self.in_list("step", place, "push").unwrap_or(step.span.clone());
                found.push(lint(
                    Lint::UnusedPush,
                    message,
                    span,
                    "sent for nothing",
                    help,
                    part::EXPECTS,
                ));
            }
        }
    }

    fn unused_ids(&self, found: &mut Vec<Diagnostic>) {
        let steps = &self.scenario.steps;
        for (place, step) in steps.iter().enumerate() {
            let Some(id) = &step.id else { continue };
            let called = steps.iter().any(
                |other| matches!(&other.when, When::After { since: Some(since), .. } if *since == place),
            );
            if !called {
                let message = format!("no step waits for the step `{id}`");
                let help = "`since` of a later step names it; without that an `id` says nothing";
                let span = self.in_list("step", place, "id").unwrap_or(step.span.clone());
                found.push(lint(Lint::UnusedId, message, span, "not called", help, part::STEPS));
            }
        }
    }

    fn unused_variables(&self, found: &mut Vec<Diagnostic>) {
        for (name, span) in self.variables.unused() {
            let message = format!("nothing uses the variable `{name}`");
            let help = format!("write \"${name}\" where its value belongs, or remove it");
            let part = part::VARIABLES;
            found.push(lint(Lint::UnusedVariable, message, span, "not used", &help, part));
        }
    }

    fn always_true(&self, found: &mut Vec<Diagnostic>) {
        for expect in &self.scenario.expects {
            let why = match &expect.that {
                Expectation::Event { min: 0, max: None, .. } => "any number of events will do",
                Expectation::Metric { min, max, .. } if trivial(*min, *max) => {
                    "no value is outside of these bounds"
                }
                Expectation::PushLost { within: Some(Span::ZERO), .. } => "nothing arrives at once",
                Expectation::Event { .. }
                | Expectation::Metric { .. }
                | Expectation::PushLost { .. }
                | Expectation::PushReceived { .. }
                | Expectation::PushNotified { .. }
                | Expectation::Order { .. }
                | Expectation::Converges { .. } => continue,
            };
            let message = format!("`{}` holds whatever happens", expect.text);
            let help = "give it a bound that a run can miss, or remove it";
            let span = expect.span.clone();
            found.push(lint(Lint::AlwaysTrue, message, span, why, help, part::EXPECTS));
        }
    }

    fn sometimes_once(&self, found: &mut Vec<Diagnostic>) {
        for expect in self.scenario.expects.iter().filter(|expect| expect.sometimes) {
            if self.scenario.runs == 1 {
                let message = format!("`{}` is looked for in a single run", expect.text);
                let help = "write `runs = 50` at the top, or run it with `--runs 50`";
                let (span, label) = (expect.span.clone(), "one run is not sometimes");
                found.push(lint(Lint::SometimesOnce, message, span, label, help, part::EXPECTS));
            }
        }
    }

    fn keep_alive_refused(&self, found: &mut Vec<Diagnostic>) {
        let Scenario { platform, manifest, client, .. } = self.scenario;
        let (profile, name, client) = (&platform.values, &platform.name, &client.values);
        if client.keep_alive_install == InstallWhen::Never {
            return;
        }
        let (asked, minimum) = (client.keep_alive_timeout, profile.keep_alive_minimum);
        let newer = |gate: u32| manifest.sdk.is_some_and(|sdk| sdk >= gate);
        let (why, help) = if !profile.keep_alive_available {
            (format!("`{name}` calls no keep-alive handlers"), "play it on an iOS that has them")
        } else if !manifest.has_mode("voip") {
            (
                "the app has no background mode `voip`".to_owned(),
                "write `background-modes = [\"voip\"]` in [app]",
            )
        } else if profile.legacy_sdk_gate.is_some_and(newer) {
            (
                format!("`{name}` refuses apps linked with this SDK"),
                "give an older `sdk` in [app], or do without the handler",
            )
        } else if asked < minimum {
            (format!("{asked} is less than the {minimum} that it takes"), "ask for 600s or more")
        } else {
            return;
        };
        let message = format!("`setKeepAliveTimeout:handler:` will be refused: {why}");
        let span = self.key("client", "keep-alive.timeout");
        let label = "no handler is installed";
        found.push(lint(Lint::KeepAliveRefused, message, span, label, help, part::WHO));
    }

    fn clock_stops(&self, found: &mut Vec<Diagnostic>) {
        let client = &self.scenario.client.values;
        if client.ping_deadline_clock != Clock::Uptime || client.ping_reply_within.is_none() {
            return;
        }
        let message = "the deadline of a ping is on a clock that stops while the device sleeps";
        let help = "set `ping.deadline-clock = \"continuous\"`";
        let span = self.key("client", "ping.deadline-clock");
        let label = "it may never come";
        found.push(lint(Lint::ClockStops, message.into(), span, label, help, part::WHO));
    }

    fn nat_forgets_first(&self, found: &mut Vec<Diagnostic>) {
        let Scenario { steps, network, client, server, duration, .. } = self.scenario;
        let (client, server) = (&client.values, &server.values);
        let leaves = |act: Act| matches!(act, Act::UserBackground | Act::UserLock);
        let Some(access) = initial(network) else { return };
        let forgets = match client.transport {
            Transport::Tcp => access.nat_idle_timeout,
            Transport::Udp => access.nat_udp_idle_timeout,
        };
        let Some(forgets) = forgets.filter(|forgets| forgets < duration) else { return };
        if access.nat_on_expiry == NatExpiry::Recreate || !steps.iter().any(|step| leaves(step.act))
        {
            return;
        }
        let handler = (client.keep_alive_install != InstallWhen::Never
            && client.keep_alive_action != HandlerAction::Nothing)
            .then_some(client.keep_alive_timeout);
        let used = [handler, server.heartbeat_interval, server.tcp_keep_alive_idle];
        let soonest = used.into_iter().flatten().min();
        if soonest.is_some_and(|soonest| soonest <= forgets) {
            return;
        }
        let when = match soonest {
            Some(soonest) => format!("is used again after {soonest} at the soonest"),
            None => "is never used while the app is suspended".to_owned(),
        };
        let message = format!("the NAT forgets the connection after {forgets}, and it {when}");
        let help =
            "let the server send heartbeats more often than that: `heartbeat.interval` in [server]";
        let span = self.key("network", "nat.idle-timeout");
        let label = "a push after that is lost or late";
        found.push(lint(Lint::NatForgetsFirst, message, span, label, help, part::WHO));
    }

    /// Where `key` is set in a section, or else what names the preset it comes from, or the section.
    fn key(&self, section: &str, key: &str) -> Range<usize> {
        let Some(value) = self.document.get(section) else { return 0..0 };
        let Some(table) = value.get_ref().as_table() else { return value.span() };
        let mut at = table.get("set");
        for word in key.split('.') {
            at = at.and_then(|value| value.get_ref().as_table()?.get(word));
        }
        at.or(table.get("use")).unwrap_or(value).span()
    }

    /// Where the value of `key` stands in an item of a list.
    fn in_list(&self, list: &str, place: usize, key: &str) -> Option<Range<usize>> {
        let items = self.document.get(list)?.get_ref().as_array()?;
        items.get(place)?.get_ref().as_table()?.get(key).map(Spanned::span)
    }
}

fn lint(
    lint: Lint,
    message: String,
    span: Range<usize>,
    label: &str,
    help: &str,
    part: &'static str,
) -> Diagnostic {
    Diagnostic { lint: Some(lint), ..Diagnostic::new(message, span, label).help(help).see(part) }
}

/// Whether bounds on a metric leave out nothing that it can be.
fn trivial(min: Option<Value>, max: Option<Value>) -> bool {
    let below = min.is_none_or(|min| match min {
        Value::Count(n) | Value::Energy(n) => n == 0,
        Value::Duration(span) => span == Span::ZERO,
        Value::Share(share) => share == Share::NONE,
    });
    let above = max.is_none_or(|max| match max {
        Value::Share(share) => share == Share::ALL,
        Value::Count(_) | Value::Energy(_) | Value::Duration(_) => false,
    });
    below && above
}

/// The network the phone begins on.
fn initial(network: &NetworkSetup) -> Option<&Access> {
    match network.initial {
        Interface::None => None,
        Interface::Wifi => Some(&network.wifi.values),
        Interface::Cellular => Some(&network.cellular.values),
    }
}

/// What is left of the lints of all scenarios of a file: those that every one of them has, and that are not
/// allowed; and what is allowed for nothing.
pub(super) fn left(document: &DeTable<'_>, found: Vec<Vec<Diagnostic>>) -> Vec<Diagnostic> {
    let allowed: Vec<(Lint, Range<usize>)> = document
        .get("allow")
        .and_then(|list| list.get_ref().as_array())
        .into_iter()
        .flat_map(|items| items.iter())
        .filter_map(|item| Some((Lint::parse(item.get_ref().as_str()?)?, item.span())))
        .collect();
    let fired = |lint: Lint| found.iter().flatten().any(|problem| problem.lint == Some(lint));
    let unused = allowed.iter().filter(|(name, _)| !fired(*name)).map(|(name, span)| {
        let message = format!("`{name}` has nothing to say here");
        let help = "remove it from `allow`";
        lint(Lint::UnusedAllow, message, span.clone(), "allowed for nothing", help, part::TOP)
    });
    let unused: Vec<Diagnostic> = unused.collect();
    let mut rest = found.iter();
    let mut kept = rest.next().cloned().unwrap_or_default();
    for other in rest {
        let same = |a: &Diagnostic, b: &Diagnostic| (a.lint, &a.span) == (b.lint, &b.span);
        kept.retain(|problem| other.iter().any(|known| same(known, problem)));
    }
    let is_allowed =
        |problem: &Diagnostic| allowed.iter().any(|(name, _)| problem.lint == Some(*name));
    kept.retain(|problem| !is_allowed(problem));
    kept.into_iter().chain(unused).collect()
}
