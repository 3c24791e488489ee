//! The keys in which two scenarios differ, and the calls of published code that these are.

use crate::client::{SnippetCall, snippet};
use crate::scenario::Scenario;
use crate::settings::{Layer, Settings};

/// A key with different values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingDifference {
    /// The key with its section, as `--set` takes it.
    pub key: String,
    /// Its values.
    pub sides: [String; 2],
}

/// A key in which two clients differ, with the calls of published code that are about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code {
    /// The key that both are about.
    pub key: &'static str,
    /// The value of each side.
    pub values: [String; 2],
    /// The calls of each side that are about the key; none where its snippet has none.
    pub calls: [Vec<SnippetCall>; 2],
}

/// The keys in which `a` and `b` differ: platform, app, networks, client, server.
pub fn settings(a: &Scenario, b: &Scenario) -> Vec<SettingDifference> {
    let mut found = Vec::new();
    let mut say = |key: &str, sides: [String; 2]| {
        if sides[0] != sides[1] {
            found.push(SettingDifference { key: key.to_owned(), sides });
        }
    };
    let sides = [a, b];
    say("seed", sides.map(|side| side.seed.to_string()));
    say("duration", sides.map(|side| side.duration.to_string()));
    say("deadline", sides.map(|side| side.deadline.to_string()));
    say("devices", sides.map(|side| side.devices.to_string()));
    say("app.sdk", sides.map(|side| side.manifest.sdk.map_or("-".into(), |sdk| sdk.to_string())));
    say("app.debugger", sides.map(|side| side.manifest.debugger.to_string()));
    layer("platform", sides.map(|side| &side.platform), &mut say);
    layer("network.wifi", sides.map(|side| &side.network.wifi), &mut say);
    layer("network.cellular", sides.map(|side| &side.network.cellular), &mut say);
    layer("client", sides.map(|side| &side.client), &mut say);
    layer("server", sides.map(|side| &side.server), &mut say);
    found
}

fn layer<S: Settings>(
    section: &str,
    sides: [&Layer<S>; 2],
    say: &mut impl FnMut(&str, [String; 2]),
) {
    say(&format!("{section}.use"), sides.map(|layer| layer.name.clone()));
    for key in S::KEYS {
        let value = |layer: &Layer<S>| layer.values.get(key.name).unwrap_or_default();
        say(&format!("{section}.{}", key.name), sides.map(value));
    }
}

/// The calls of the published code that the clients of `a` and `b` stand for, key by key, where the keys differ.
/// Empty when neither stands for any.
pub fn code(a: &Scenario, b: &Scenario) -> Vec<Code> {
    let snippets = [a, b].map(|side| snippet(&side.client.name));
    let of = |key: &'static str| {
        let values = [a, b].map(|side| side.client.values.get(key).unwrap_or_default());
        let calls = [0, 1].map(|side| {
            let all = snippets[side].iter().flat_map(|snippet| &snippet.calls);
            all.filter(|call| call.key == key).cloned().collect::<Vec<_>>()
        });
        let told = values[0] != values[1] && calls.iter().any(|calls| !calls.is_empty());
        told.then_some(Code { key, values, calls })
    };
    crate::client::Strategy::KEYS.iter().filter_map(|key| of(key.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Presets, decode};

    fn scenario(client: &str) -> Scenario {
        let text = format!("name = \"x\"\nduration = \"1h\"\n[client]\nuse = \"{client}\"\n");
        decode(&text, &Presets::built_in(), &[]).unwrap()
    }

    #[test]
    fn a_flaw_and_its_twin_differ_in_their_keys_and_in_the_calls_that_these_are() {
        let (flaw, twin) = (scenario("pings-after-handler"), scenario("pings-after-handler-fixed"));
        let keys: Vec<String> = settings(&flaw, &twin).into_iter().map(|one| one.key).collect();
        assert_eq!(keys, ["client.use", "client.keep-alive.task-end"]);
        let code = code(&flaw, &twin);
        assert_eq!((code.len(), code[0].key), (1, "keep-alive.task-end"));
        assert_eq!(code[0].values, ["block", "done"]);
        assert!(code[0].calls.iter().all(|calls| calls.len() == 1), "{code:?}");
    }

    #[test]
    fn a_scenario_differs_from_itself_in_nothing() {
        let one = scenario("default");
        assert_eq!((settings(&one, &one), code(&one, &one)), (Vec::new(), Vec::new()));
    }
}
