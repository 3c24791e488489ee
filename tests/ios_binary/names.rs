//! What the lists of symbols are for: a name that iOS does not have fails the link.

use std::process::{Command, Output};

crate::tools::tests!(a_name_on_a_list_links, a_name_on_no_list_fails_the_link);

/// Links a program that calls this function of CoreFoundation.
fn link(function: &str) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("calls.rs");
    let text = format!(
        "#[link(name = \"CoreFoundation\", kind = \"framework\")]\n\
         unsafe extern \"C\" {{ fn {function}(); }}\n\
         fn main() {{ unsafe {{ {function}() }} }}\n"
    );
    std::fs::write(&source, text).expect("it is written");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/ios-link");
    Command::new(script).arg(&source).output().expect("it runs")
}

fn a_name_on_a_list_links() {
    let output = link("CFReadStreamOpen");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn a_name_on_no_list_fails_the_link() {
    let output = link("CFReadStreamOpne");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("_CFReadStreamOpne is on no list"), "{said}");
    assert!(said.contains("tests/ios/stubs"), "{said}");
}
