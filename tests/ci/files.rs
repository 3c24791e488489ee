//! Options that write one file a scenario.

use crate::place::{GOOD, Place, stderr};

fn place() -> Place {
    Place::with(&[("scenarios/a/one.toml", GOOD), ("scenarios/b/one.toml", GOOD)])
}

#[test]
fn several_scenarios_in_one_file_are_wrong_input_and_nothing_is_written() {
    let place = place();
    let output = place.run(&["run", "scenarios", "--perfetto", "out/all", "--junit", "out/x.xml"]);
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(told.contains("--perfetto") && told.contains("out/all/"), "{told}");
    assert!(!place.path().join("out").exists());
}

#[test]
fn a_folder_gets_a_file_of_each_in_folders_like_those_of_the_scenarios() {
    let place = place();
    let output = place.run(&["run", "scenarios", "--perfetto", "out/"]);
    assert_eq!(output.status.code(), Some(0));
    for name in ["a", "b"] {
        assert!(place.path().join(format!("out/{name}/one.perfetto-trace")).is_file(), "{name}");
    }
}

#[test]
fn a_folder_that_is_there_needs_no_slash() {
    let place = place();
    std::fs::create_dir(place.path().join("out")).unwrap();
    let output = place.run(&["run", "scenarios/a/one.toml", "--perfetto", "out"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(place.path().join("out/one.perfetto-trace").is_file());
}

#[test]
fn one_scenario_is_written_to_the_file_itself() {
    let place = place();
    let args = ["run", "scenarios", "--filter", "a/one", "--perfetto", "out/run.perfetto-trace"];
    assert_eq!(place.run(&args).status.code(), Some(0));
    assert!(place.path().join("out/run.perfetto-trace").is_file());
}
