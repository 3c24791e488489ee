//! What right scenarios mean.

use crate::metrics::{Metric, Value};
use crate::port::{Interface, PushId, Span};
use crate::scenario::testing::{EXAMPLE, read, read_with};
use crate::scenario::{Act, Expectation, Gap, When};
use crate::server::DropHow;
use crate::settings::Dist;
use crate::trace::{Pattern, RestartKind};

const HEAD: &str = "name = \"x\"\nduration = \"1h\"\n";

fn steps(text: &str) -> crate::scenario::Scenario {
    read(&format!("{HEAD}{text}")).unwrap()
}

#[test]
fn the_example_of_the_documentation_decodes() {
    let scenario = read(EXAMPLE).unwrap();
    assert_eq!(scenario.name, "server restarts while the app is suspended");
    assert_eq!((scenario.seed, scenario.devices), (7, 1));
    assert_eq!(scenario.duration, Span::from_secs(7_200));
    assert_eq!(scenario.deadline, Span::from_secs(30));
    assert_eq!(scenario.platform.values.keep_alive_handler_budget, Span::from_secs(10));
    assert_eq!(scenario.client.name, "ping-in-handler");
    assert_eq!(scenario.client.values.keep_alive_timeout, Span::from_secs(600));
    assert_eq!(scenario.client.values.ping_reply_within, Some(Span::from_secs(8)));
    assert_eq!(scenario.server.values.idle_timeout, Some(Span::from_secs(1_200)));
    assert_eq!(scenario.network.wifi.values.nat_idle_timeout, Some(Span::from_secs(300)));
    assert_eq!(scenario.network.initial, Interface::Wifi);
    assert_eq!(scenario.network.cellular.name, "lte-carrier");
    assert!(scenario.manifest.has_mode("voip"));
    assert_eq!(scenario.names.pushes, ["invite-1"]);

    let push = PushId { name: 0, member: 0 };
    assert_eq!(scenario.steps[0].when, When::At(Dist::Constant(Span::from_secs(10))));
    assert_eq!(scenario.steps[1].id.as_deref(), Some("outage"));
    let restart = Act::ServerRestart { how: RestartKind::HostDown, down_for: Span::from_secs(30) };
    assert_eq!(scenario.steps[1].act, restart);
    assert_eq!(scenario.steps[2].act, Act::ServerPush { push, ttl: None });
    let event = Pattern::parse("client.connected").unwrap();
    let after = When::After { event, since: Some(1), by: Dist::Constant(Span::from_secs(5)) };
    assert_eq!(scenario.steps[2].when, after);

    let texts: Vec<&str> = scenario.expects.iter().map(|expect| expect.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "push-received push=invite-1 within 5s",
            "event kill never",
            "metric detection.client.max at most 10m 8s",
        ]
    );
    let max = Some(Value::Duration(Span::from_secs(608)));
    let metric = Metric::DetectionClientMax;
    assert_eq!(scenario.expects[2].that, Expectation::Metric { metric, min: None, max });
}

#[test]
fn a_step_and_an_expectation_know_where_they_stand() {
    let scenario = read(EXAMPLE).unwrap();
    let step = &EXAMPLE[scenario.steps[0].span.clone()];
    assert_eq!(step, "[[step]]\nat = \"10s\"\ndo = \"user.background\"");
    let expect = &EXAMPLE[scenario.expects[1].span.clone()];
    assert!(expect.starts_with("[[expect]]") && expect.ends_with("{ max = 0 }"), "{expect}");
}

#[test]
fn a_scenario_needs_only_a_name_and_a_duration() {
    let scenario = steps("");
    assert_eq!((scenario.seed, scenario.devices), (1, 1));
    assert_eq!(scenario.platform.name, "ios-9");
    assert_eq!(scenario.network.wifi.name, "wifi-home");
    assert!(scenario.steps.is_empty() && scenario.expects.is_empty());
}

#[test]
fn what_a_scenario_overrides_is_recorded_as_its_own_statement() {
    let scenario = read(EXAMPLE).unwrap();
    let from = &scenario.platform.provenance["keep-alive.handler-budget"];
    assert_eq!((from.source.as_str(), from.confidence.as_str()), ("scenario", "-"));
    assert_eq!(from.preset, "scenario");
}

#[test]
fn dotted_nested_and_quoted_keys_set_the_same() {
    for set in [
        "[client]\nset = { keep-alive.timeout = \"11m\" }",
        "[client]\nset = { keep-alive = { timeout = \"11m\" } }",
        "[client.set]\nkeep-alive.timeout = \"11m\"",
        "[client.set.keep-alive]\ntimeout = \"11m\"",
        "[client.set]\n\"keep-alive.timeout\" = \"11m\"",
    ] {
        assert_eq!(steps(set).client.values.keep_alive_timeout, Span::from_secs(660), "{set}");
    }
}

#[test]
fn the_first_network_decides_the_interface_and_the_other_one_can_be_chosen() {
    let network = steps("[network]\nuse = \"lte-carrier\"\nother = \"wifi-hotel\"").network;
    assert_eq!(network.initial, Interface::Cellular);
    assert_eq!(network.wifi.name, "wifi-hotel");
    let network = steps("[network]\nuse = \"wifi-hotel\"\ninterface = \"none\"").network;
    assert_eq!(network.initial, Interface::None);
    assert_eq!(network.wifi.name, "wifi-hotel");
    let network = steps("[network]\nuse = \"nowhere\"").network;
    assert_eq!(network.initial, Interface::None);
    assert_eq!(
        (network.wifi.name.as_str(), network.cellular.name.as_str()),
        ("wifi-home", "lte-carrier")
    );
}

#[test]
fn an_info_plist_says_what_the_app_is_and_the_sdk_may_differ() {
    let manifest = steps("[app]\ninfo-plist = \"Info.plist\"").manifest;
    assert_eq!((manifest.has_mode("voip"), manifest.sdk), (false, Some(9)));
    let manifest = steps("[app]\ninfo-plist = \"Info.plist\"\nsdk = 10").manifest;
    assert_eq!(manifest.sdk, Some(10));
    let manifest = steps("[app]\nbackground-modes = []").manifest;
    assert!(manifest.background_modes.is_empty());
}

#[test]
fn every_act_reads_with_its_defaults() {
    let act = |text: &str| steps(&format!("[[step]]\nat = \"1s\"\n{text}")).steps[0].act;
    assert_eq!(
        act("do = \"server.restart\""),
        Act::ServerRestart { how: RestartKind::Process, down_for: Span::from_secs(30) }
    );
    assert_eq!(
        act("do = \"server.restart\"\nhow = \"drain\""),
        Act::ServerRestart { how: RestartKind::Drain, down_for: Span::ZERO }
    );
    assert_eq!(act("do = \"server.drop\""), Act::ServerDrop { how: DropHow::Fin });
    assert_eq!(
        act("do = \"user.set-clock\"\nby = \"-1h\""),
        Act::UserSetClock { by: -3_600_000_000 }
    );
    assert_eq!(act("do = \"network.silence\""), Act::NetworkSilence { on: true, lasts: None });
    assert_eq!(act("do = \"app.exit\"\ncode = -9"), Act::AppExit { code: -9 });
}

#[test]
fn a_repeated_step_begins_one_period_in_unless_it_says_so() {
    let step = |text: &str| steps(&format!("[[step]]\n{text}\ndo = \"user.lock\"")).steps.remove(0);
    let minutes = |n: u64| Span::from_secs(n * 60);
    let period = Gap(Dist::Constant(minutes(10)));
    assert_eq!(
        step("every = \"10m\"").when,
        When::Every { period: period.clone(), from: None, until: None }
    );
    assert_eq!(
        step("every = \"10m\"\nfrom = \"0s\"\nuntil = \"40m\"").when,
        When::Every {
            period,
            from: Some(Dist::Constant(Span::ZERO)),
            until: Some(minutes(40).from_start())
        }
    );
}

#[test]
fn a_member_of_a_series_can_be_expected_by_its_name() {
    let text = "[[step]]\nevery = \"20m\"\ndo = \"server.push\"\npush = \"beat\"\n\
                [[expect]]\nthat = \"push-received\"\npush = \"beat-2\"\n\
                [[expect]]\nthat = \"push-received\"\npush = \"beat\"\n\
                [[expect]]\nthat = \"event\"\nevent = \"notified push=beat-1\"";
    let scenario = steps(text);
    let push = PushId { name: 0, member: 2 };
    assert_eq!(scenario.expects[0].that, Expectation::PushReceived { push, within: None });
    assert_eq!(scenario.expects[0].text, "push-received push=beat-2");
}

#[test]
fn a_count_is_exact_or_has_bounds() {
    let bounds = |count: &str| {
        let text = format!("[[expect]]\nthat = \"event\"\nevent = \"wake\"\n{count}");
        let that = steps(&text).expects.remove(0).that;
        let Expectation::Event { min, max, .. } = that else { panic!("{that:?}") };
        (min, max)
    };
    assert_eq!(bounds(""), (1, None));
    assert_eq!(bounds("count = 2"), (2, Some(2)));
    assert_eq!(bounds("count = { min = 2 }"), (2, None));
    assert_eq!(bounds("count = { max = 3 }"), (0, Some(3)));
}

#[test]
fn what_is_set_from_outside_replaces_what_the_text_says() {
    let set = [
        ("seed", "9"),
        ("duration", "3h"),
        ("devices", "4"),
        ("platform.use", "ios-8"),
        ("platform.keep-alive.handler-budget", "12s"),
        ("client.keep-alive.task", "true"),
        ("network.nat.idle-timeout", "\"never\""),
        ("network.interface", "cellular"),
    ];
    let scenario = read_with(EXAMPLE, &set).unwrap();
    assert_eq!((scenario.seed, scenario.devices), (9, 4));
    assert_eq!(scenario.duration, Span::from_secs(3 * 3_600));
    assert_eq!(scenario.platform.name, "ios-8");
    assert_eq!(scenario.platform.values.keep_alive_handler_budget, Span::from_secs(12));
    assert!(scenario.client.values.keep_alive_task);
    assert_eq!(scenario.network.wifi.values.nat_idle_timeout, None);
    assert_eq!(scenario.network.initial, Interface::Cellular);
    assert_eq!(scenario.client.provenance["keep-alive.task"].source, "--set");
}

#[test]
fn what_the_app_is_can_be_set_from_outside() {
    let app = |set: &[(&str, &str)]| read_with(EXAMPLE, set).unwrap().manifest;
    assert_eq!(app(&[("app.sdk", "17")]).sdk, Some(17));
    let modes = |value: &str| app(&[("app.background-modes", value)]).background_modes;
    assert_eq!(modes("voip,audio"), ["voip", "audio"]);
    assert_eq!(modes("[\"voip\", \"audio\"]"), ["voip", "audio"]);
    assert!(modes("").is_empty());
    // What comes from outside wins over what the text says, and the modes over the file.
    let plist = app(&[("app.info-plist", "Info.plist")]);
    assert_eq!((plist.has_mode("voip"), plist.sdk), (false, Some(9)));
    let both = app(&[("app.info-plist", "Info.plist"), ("app.background-modes", "voip")]);
    assert_eq!(both.background_modes, ["voip"]);
}
