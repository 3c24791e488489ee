//! What the command line says of mistakes and lints, as people see it. Each file in `tests/fixtures/mistakes`
//! is a scenario with something wrong; what `holdline validate` prints is a snapshot beside it.
//!
//! A line `#--- PATH` begins another file beside the scenario.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fewer would leave mistakes that nobody has looked at.
const AT_LEAST: usize = 40;

/// What begins another file.
const SPLIT: &str = "#--- ";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mistakes")
}

fn fixtures() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    found.sort();
    found
}

/// What `holdline validate` prints of `path` in `folder`, and its exit code.
fn validate(folder: &Path, path: &str) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["validate", path])
        .current_dir(folder)
        .env("COLUMNS", "90")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (text, output.status.code())
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => folder(), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// A folder with what `text` says: the scenario as `case.toml`, and the files beside it.
fn laid_out(text: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let mut parts = format!("{SPLIT}case.toml\n{text}");
    parts.insert(0, '\n');
    for part in parts.split(&format!("\n{SPLIT}")).skip(1) {
        let (path, text) = part.split_once('\n').unwrap_or((part, ""));
        let path = place.path().join(path.trim());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    place
}

#[test]
fn every_mistake_is_shown_where_it_stands_with_what_would_be_right() {
    for path in fixtures() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let place = laid_out(&fs::read_to_string(&path).unwrap());
        let (text, code) = validate(place.path(), "case.toml");
        let expected = if name.starts_with("lint-") { 0 } else { 2 };
        assert_eq!(code, Some(expected), "{name}:\n{text}");
        let shown = if name.starts_with("lint-") { "warning: " } else { "error: " };
        assert!(text.contains(shown), "{name}:\n{text}");
        assert!(text.contains("= see: docs/scenarios.md#"), "{name}:\n{text}");
        snapshot(&name, &text);
    }
}

#[test]
fn there_are_enough_of_them() {
    let found = fixtures().len();
    assert!(found >= AT_LEAST, "{found} fixtures");
}

#[test]
fn what_is_not_text_is_shown_where_it_stops_being_text() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("case.toml"), b"name = \"caf\xe9\"\nduration = \"1h\"\n").unwrap();
    let (text, code) = validate(place.path(), "case.toml");
    assert_eq!(code, Some(2));
    snapshot("made-not-utf-8", &text);
    let main = "include = [\"a.toml\"]\nname = \"x\"\nduration = \"1h\"\n";
    fs::write(place.path().join("case.toml"), main).unwrap();
    fs::write(place.path().join("a.toml"), b"# \xff\xfe").unwrap();
    let (text, code) = validate(place.path(), "case.toml");
    assert_eq!(code, Some(2));
    snapshot("made-fragment-not-utf-8", &text);
}

#[test]
fn a_file_of_100_megabytes_is_refused_and_not_read() {
    let place = tempfile::tempdir().unwrap();
    let file = fs::File::create(place.path().join("case.toml")).unwrap();
    file.set_len(100 << 20).unwrap();
    let (text, code) = validate(place.path(), "case.toml");
    assert_eq!(code, Some(2));
    snapshot("made-100-megabytes", &text);
}

#[test]
fn a_folder_without_scenarios_and_a_path_that_does_not_exist_say_so() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("empty")).unwrap();
    let (text, code) = validate(place.path(), "empty");
    assert_eq!(code, Some(2));
    snapshot("made-folder-without-scenarios", &text);
    let (text, code) = validate(place.path(), "nowhere.toml");
    assert_eq!(code, Some(2));
    snapshot("made-no-such-file", &text);
}

#[test]
fn several_files_are_all_looked_at_and_all_mistakes_told() {
    let place = tempfile::tempdir().unwrap();
    let files = [
        ("s/a.toml", "name = \"a\"\nduration = \"1h\"\n"),
        ("s/b.toml", "name = \"b\"\nduration = \"1 hour\"\nsed = 1\n[platform]\nuse = \"ios9\"\n"),
        ("s/c.toml", "nmae = \"c\"\n"),
        ("s/part.toml", "fragment = true\nseed = \"seven\"\n"),
    ];
    fs::create_dir(place.path().join("s")).unwrap();
    for (path, text) in files {
        fs::write(place.path().join(path), text).unwrap();
    }
    let (text, code) = validate(place.path(), "s");
    assert_eq!(code, Some(2));
    snapshot("made-several-files", &text);
}

#[test]
fn machines_are_told_line_and_column() {
    let place =
        laid_out("name = \"é\"\nduration = \"1h\"\n[[step]]\nat = \"5m\"\ndo = \"user.lok\"\n");
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["validate", "case.toml", "--format", "json"])
        .current_dir(place.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let problem = &json["problems"][0];
    assert_eq!((&problem["line"], &problem["column"]), (&5.into(), &6.into()));
    assert_eq!((&problem["end_line"], &problem["end_column"]), (&5.into(), &16.into()));
    assert_eq!((&problem["severity"], &problem["file"]), (&"error".into(), &"case.toml".into()));
    assert_eq!(problem["label"], "did you mean `user.lock`?");
    assert_eq!(json["summary"]["mistakes"], 1);
}

#[test]
fn lints_fail_only_when_that_is_asked_for() {
    let text = "name = \"x\"\nduration = \"1h\"\n[client]\nset = { keep-alive.timeout = \"5m\" }\n";
    let place = laid_out(text);
    let code = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.arg("validate").args(args).current_dir(place.path()).output().unwrap().status.code()
    };
    assert_eq!(code(&["case.toml"]), Some(0));
    assert_eq!(code(&["case.toml", "--strict"]), Some(1));
    let allowed = format!("allow = [\"keep-alive-refused\"]\n{text}");
    fs::write(place.path().join("case.toml"), allowed).unwrap();
    assert_eq!(code(&["case.toml", "--strict"]), Some(0));
}
