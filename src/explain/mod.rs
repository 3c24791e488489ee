//! What a name or a crash report means: which rule, on which versions of iOS, who says so, which bundled
//! scenario shows it, and what to do.
//!
//! Names come from the tables of the rooms below (events, keys, steps, presets): `names` finds what one means,
//! `keys` what a key is in each preset, `ways` the ways of staying connected that `holdline check` lists, `topics`
//! what is said, as a [`Topic`] (`topic`). What no table holds,
//! as the meaning of a kill code and where sources disagree, is data in `facts/*.toml` (`facts`). Which
//! scenario shows what is found by playing them (`index`). `crash` reads reports. Nothing here reads a file:
//! texts and bytes are handed in.

mod crash;
mod facts;
mod index;
mod keys;
mod names;
mod topic;
mod topics;
mod ways;

pub use crash::{
    Diagnosis, Finding, MAX_REPORT_BYTES, Report, ReportError, ReportKind, Reproduce, Victim,
    read_report,
};
use facts::Facts;
use index::Index;
pub use index::{Bundled, ReadFile};
pub use keys::{Section, on_platform, versions};
pub use topic::{
    Claim, Disagreement, KeyValues, List, Mapped, MappedCall, Named, Row, Scenarios, Shown,
    Sourced, Topic, TopicKind,
};

use crate::settings::nearest;

/// Explains names and crash reports.
pub struct Explainer {
    facts: Facts,
    index: Index,
}

/// A name that nothing is known by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// What was asked.
    pub asked: String,
    /// Whether it is written like the code of a termination.
    pub code: bool,
    /// The name that is nearest in spelling, if any is near.
    pub near: Option<String>,
}

impl Explainer {
    /// Knows the facts, and plays the scenarios that come with the program.
    pub fn new(bundled: Vec<Bundled>) -> Explainer {
        Explainer { facts: Facts::built_in(), index: Index::of(bundled) }
    }

    /// All that `asked` means.
    ///
    /// # Errors
    /// [`Unknown`] when it means nothing, with the nearest name that does.
    pub fn explain(&self, asked: &str) -> Result<Vec<Topic>, Unknown> {
        let found = names::find(asked, &self.facts, &self.index);
        if found.is_empty() {
            let names = self.names();
            let wanted = asked.trim().to_lowercase();
            let mut names = names.iter().map(String::as_str);
            let code = is_code(&wanted);
            let near = match code {
                // Another number may be another code: one wrong digit is a slip, more are not.
                true => names.find(|name| is_code(name) && strsim::levenshtein(&wanted, name) == 1),
                false => nearest(&wanted, names),
            };
            return Err(Unknown { asked: asked.to_owned(), code, near: near.map(str::to_owned) });
        }
        Ok(found.iter().map(|meaning| self.topic(meaning)).collect())
    }

    /// Every name that means something, sorted.
    pub fn names(&self) -> Vec<String> {
        names::names(&self.facts, &self.index)
    }

    /// What is known of the key of a platform called `name`.
    pub fn platform_key(&self, name: &str) -> Option<Topic> {
        let name = name.strip_prefix("platform.").unwrap_or(name);
        let key = Section::Platform.keys().iter().find(|key| key.name == name)?;
        Some(self.key(Section::Platform, key))
    }
}

/// Whether `name` is a hexadecimal number, as a code is written: `0xdeadbeef`.
fn is_code(name: &str) -> bool {
    let digits = name.strip_prefix("0x").unwrap_or_default();
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit())
}
