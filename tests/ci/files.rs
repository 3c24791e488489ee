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

#[test]
fn a_scenario_is_not_written_over_when_the_name_of_a_file_was_forgotten() {
    let place = place();
    for option in ["--junit", "--html", "--perfetto", "--pcap"] {
        let output = place.run(&["run", option, "scenarios/a/one.toml"]);
        assert_eq!(output.status.code(), Some(2), "{option}");
        assert!(stderr(&output).contains("would be written over"), "{}", stderr(&output));
    }
    let kept = std::fs::read_to_string(place.path().join("scenarios/a/one.toml")).unwrap();
    assert_eq!(kept, GOOD);
}

#[test]
fn two_views_are_not_written_into_one_file() {
    let place = place();
    let output = place.run(&["run", "scenarios", "--junit", "out/run", "--html", "out/run"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--junit and --html name the same file"));
    assert!(!place.path().join("out").exists());
    let args = ["run", "scenarios", "--perfetto", "out/", "--pcap", "out/"];
    assert_eq!(place.run(&args).status.code(), Some(0), "a folder holds both");
}
