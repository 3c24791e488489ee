//! Where something stands, for people: a file, a line, a column.

use std::sync::Arc;

use super::diagnostic::{Problems, SourceFile};
use super::model::Scenario;

/// Where something stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Location {
    /// The file, as the scenario's own folder sees it, when that is not the scenario itself.
    pub file: Option<Arc<SourceFile>>,
    /// The line, from 1 on.
    pub line: usize,
    /// The character in it, from 1 on.
    pub column: usize,
}

/// Says where every expectation of scenarios that were read from `text` stands.
pub(super) fn locate_all(scenarios: &mut [Scenario], text: &str, problems: &Problems) {
    let expects = |scenario: &Scenario| -> Vec<usize> {
        scenario.expects.iter().map(|expect| expect.span.start).collect()
    };
    let mut starts: Vec<usize> = scenarios.iter().flat_map(expects).collect();
    starts.sort_unstable();
    starts.dedup();
    let locations = locations(&starts, text, problems);
    for expect in scenarios.iter_mut().flat_map(|scenario| &mut scenario.expects) {
        if let Ok(found) = starts.binary_search(&expect.span.start) {
            expect.location = locations[found].clone();
        }
    }
}

/// The locations of what begins at `starts`, which come in order. Every text is gone through once.
fn locations(starts: &[usize], text: &str, problems: &Problems) -> Vec<Location> {
    let mut locations: Vec<Location> = Vec::with_capacity(starts.len());
    let mut at = 0;
    for start in starts {
        let (file, offset) = problems.file_at(*start);
        let text = file.as_ref().map_or(text, |file| file.text.as_str());
        // From where the last one stands, if it stands in the same file.
        let (mut line, mut column) = match locations.last() {
            Some(last) if same(last.file.as_ref(), file.as_ref()) => (last.line, last.column),
            Some(_) | None => {
                at = 0;
                (1, 1)
            }
        };
        for c in text.get(at..offset).unwrap_or_default().chars() {
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        at = offset;
        locations.push(Location { file, line, column });
    }
    locations
}

fn same(one: Option<&Arc<SourceFile>>, other: Option<&Arc<SourceFile>>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Presets, decode_all};

    /// File, line and column of each expectation.
    fn found(
        text: &str,
        files: fn(&str) -> Result<Vec<u8>, String>,
    ) -> Vec<(String, usize, usize)> {
        let scenarios = decode_all(text, &Presets { files }, &[]).expect("scenarios");
        let location = |location: &Location| {
            let file = location.file.as_ref().map_or(String::new(), |file| file.path.clone());
            (file, location.line, location.column)
        };
        let expects = scenarios.iter().flat_map(|scenario| &scenario.expects);
        expects.map(|expect| location(&expect.location)).collect()
    }

    const ONE: &str = "[[expect]]\nthat = \"metric\"\nmetric = \"kills\"\nmax = 0\n";

    #[test]
    fn an_expectation_stands_where_its_table_begins() {
        let text = format!("name = \"é\"\nduration = \"1m\"\n\n{ONE}\n{ONE}");
        let none = |_: &str| Err("no files".to_owned());
        assert_eq!(found(&text, none), [("".into(), 4, 1), ("".into(), 9, 1)]);
    }

    #[test]
    fn an_expectation_in_a_line_has_its_column_in_characters() {
        let one = "{ that = \"metric\", metric = \"kills\", max = 0 }";
        let text = format!("name = \"x\"\nduration = \"1m\"\nexpect = [{one}, {one}]\n");
        let none = |_: &str| Err("no files".to_owned());
        let second = 11 + one.len() + 2;
        assert_eq!(found(&text, none), [("".into(), 3, 11), ("".into(), 3, second)]);
    }

    #[test]
    fn an_expectation_of_a_fragment_stands_in_the_fragment() {
        let text = format!(
            "name = \"x\"\nduration = \"1m\"\ninclude = [\"common/a.toml\", \"common/b.toml\"]\n{ONE}"
        );
        let files = |path: &str| match path {
            "common/a.toml" => Ok(format!("fragment = true\n\n{ONE}").into_bytes()),
            "common/b.toml" => Ok(format!("fragment = true\n{ONE}{ONE}").into_bytes()),
            other => Err(format!("{other} is missing")),
        };
        assert_eq!(
            found(&text, files),
            [
                ("common/a.toml".into(), 3, 1),
                ("common/b.toml".into(), 2, 1),
                ("common/b.toml".into(), 6, 1),
                ("".into(), 4, 1)
            ]
        );
    }

    #[test]
    fn every_variant_knows_where_its_expectations_stand() {
        let text = format!(
            "name = \"x\"\nduration = \"1m\"\n[vary]\nseed = [1, 2]\n{}where = {{ seed = 2 }}\n{ONE}",
            ONE
        );
        let none = |_: &str| Err("no files".to_owned());
        assert_eq!(found(&text, none), [("".into(), 10, 1), ("".into(), 5, 1), ("".into(), 10, 1)]);
    }
}
