//! Tests that need a program that is not ours. Those whose program is not installed are listed as ignored, and told
//! loudly on stderr; a variable of the environment set to `require` makes them fail instead.

use std::path::PathBuf;

use libtest_mimic::{Arguments, Failed, Trial};

/// A test.
pub(crate) struct Test {
    pub(crate) name: &'static str,
    pub(crate) run: fn(),
}

/// Names the tests of a module.
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        pub(crate) const TESTS: &[crate::tools::Test] =
            &[$(crate::tools::Test { name: stringify!($name), run: $name }),+];
    };
}
pub(crate) use tests;

/// Where `program` is installed.
#[allow(dead_code, reason = "not every test looks for a program by its name")]
pub(crate) fn path_of(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(usual)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// Tests that need nothing.
pub(crate) fn plain(group: &str, tests: &[Test]) -> Vec<Trial> {
    let trial = |test: &Test| {
        let run = test.run;
        Trial::test(format!("{group}::{}", test.name), move || {
            run();
            Ok(())
        })
    };
    tests.iter().map(trial).collect()
}

/// Tests that need `program`; `install` is the command that installs it.
pub(crate) fn needing(
    arguments: &Arguments,
    variable: &str,
    program: &'static str,
    install: &str,
    installed: bool,
    tests: &[Test],
) -> Vec<Trial> {
    if installed {
        return plain(program, tests);
    }
    let required = std::env::var(variable).is_ok_and(|value| value == "require");
    if !arguments.list {
        let count = tests.len();
        eprintln!("\n*** {program} IS NOT INSTALLED: {count} tests with it are NOT RUN ***");
        eprintln!("*** {install}; {variable}=require fails ***\n");
    }
    let missing = move || Err(Failed::from(format!("{program} is not installed")));
    let trial = |test: &Test| {
        Trial::test(format!("{program}::{}", test.name), missing).with_ignored_flag(!required)
    };
    tests.iter().map(trial).collect()
}
