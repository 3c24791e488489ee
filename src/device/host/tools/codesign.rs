//! `codesign` and `security`: signing on a Mac.

use super::call::{Call, ToolError};

/// Lists the identities of this Mac that can sign code.
pub fn identities() -> Call {
    Call::new("security", ["find-identity", "-v", "-p", "codesigning"])
}

/// Writes the property list inside a provisioning profile to the standard output, with its signature checked.
pub fn decode_profile(path: &str) -> Call {
    Call::new("security", ["cms", "-D", "-i", path])
}

/// Signs an app for the simulator, which looks at no certificate.
pub fn sign_ad_hoc(app: &str) -> Call {
    Call::new("codesign", ["--force", "--sign", "-", "--timestamp=none", app])
}

/// Signs an app with an identity and these entitlements.
pub fn sign(identity: &str, entitlements: &str, app: &str) -> Call {
    // iOS 15 and later want the entitlements as DER, too.
    let der = "--generate-entitlement-der";
    let args = ["--force", "--sign", identity, "--entitlements", entitlements, der];
    Call::new("codesign", args).arg("--timestamp=none").arg(app)
}

/// Checks the signature of an app.
pub fn verify(app: &str) -> Call {
    Call::new("codesign", ["--verify", "--strict", app])
}

/// Who can sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The SHA-1 of the certificate.
    pub hash: String,
    /// The certificate's name, as `Apple Development: Jo (TEAM123456)`.
    pub name: String,
    /// Why it cannot be used, as `CSSMERR_TP_CERT_REVOKED`.
    pub problem: Option<String>,
}

impl Identity {
    /// Whether apps it signed run on phones of developers.
    pub fn is_for_development(&self) -> bool {
        ["Apple Development:", "iPhone Developer:"].iter().any(|kind| self.name.starts_with(kind))
    }
}

/// Reads what [`identities`] lists; each certificate once.
pub fn read_identities(answer: &str) -> Vec<Identity> {
    let mut found: Vec<Identity> = Vec::new();
    for identity in answer.lines().filter_map(identity) {
        if !found.iter().any(|known| known.hash == identity.hash) {
            found.push(identity);
        }
    }
    found
}

/// The identity in `  1) 0123…ABCD "Apple Development: Jo (TEAM)" (CSSMERR_…)`.
fn identity(line: &str) -> Option<Identity> {
    let (number, rest) = line.trim().split_once(") ")?;
    number.parse::<u32>().ok()?;
    let (hash, rest) = rest.split_once(' ')?;
    let hexadecimal = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = rest.trim().strip_prefix('"')?;
    let (name, problem) = name.rsplit_once('"')?;
    let problem = problem.trim().trim_matches(['(', ')']);
    hexadecimal.then(|| Identity {
        hash: hash.to_owned(),
        name: name.to_owned(),
        problem: (!problem.is_empty()).then(|| problem.to_owned()),
    })
}

/// The identity that is meant: a name, a hash or a beginning of either; the only one for development when none is
/// named.
///
/// # Errors
/// In words: what there is, and what to do.
pub fn choose(identities: &[Identity], wanted: Option<&str>) -> Result<Identity, String> {
    let usable = identities.iter().filter(|identity| identity.problem.is_none());
    let fits = |identity: &&Identity| match wanted {
        None => identity.is_for_development(),
        Some(wanted) => {
            identity.name.starts_with(wanted)
                || identity.hash.to_lowercase().starts_with(&wanted.to_lowercase())
                || identity.name.contains(&format!("({wanted})"))
        }
    };
    let found: Vec<&Identity> = usable.clone().filter(fits).collect();
    let names = |list: &mut dyn Iterator<Item = &Identity>| {
        let names: Vec<String> = list.map(|one| format!("  {}", one.name)).collect();
        names.join("\n")
    };
    match (found.as_slice(), wanted) {
        ([one], _) => Ok((*one).clone()),
        ([], None) => Err("no identity for development is in the keychain; Xcode makes one: \
             Settings, Accounts, Manage Certificates, Apple Development"
            .into()),
        ([], Some(wanted)) => Err(format!(
            "no identity fits `{wanted}`; `security find-identity -v -p codesigning` lists:\n{}",
            names(&mut usable.clone())
        )),
        (several, _) => Err(format!(
            "several identities fit; say which one with --identity:\n{}",
            names(&mut several.iter().copied())
        )),
    }
}

/// What [`decode_profile`] wrote, or an error that says it wrote nothing.
///
/// # Errors
/// [`ToolError::Unreadable`].
pub fn decoded(stdout: &[u8]) -> Result<&[u8], ToolError> {
    if stdout.trim_ascii().is_empty() {
        let problem = "there is no property list in the profile".into();
        return Err(ToolError::Unreadable { tool: "security cms", problem });
    }
    Ok(stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "  1) 0123456789ABCDEF0123456789ABCDEF01234567 \"Apple Development: Jo (AAAAAAAAAA)\"\n\
          \x20 2) 1123456789ABCDEF0123456789ABCDEF01234567 \"iPhone Developer: Old (BBBBBBBBBB)\" (CSSMERR_TP_CERT_REVOKED)\n\
          \x20 3) 2123456789ABCDEF0123456789ABCDEF01234567 \"Apple Distribution: Firm (CCCCCCCCCC)\"\n\
          \x20 4) 0123456789ABCDEF0123456789ABCDEF01234567 \"Apple Development: Jo (AAAAAAAAAA)\"\n\
          \x20    3 valid identities found\n";

    #[test]
    fn the_commands_are_those_of_the_manual() {
        for (call, line) in [
            (identities(), "security find-identity -v -p codesigning"),
            (decode_profile("a b"), "security cms -D -i 'a b'"),
            (sign_ad_hoc("H.app"), "codesign --force --sign - --timestamp=none H.app"),
            (
                sign("01AB", "e.plist", "H.app"),
                "codesign --force --sign 01AB --entitlements e.plist --generate-entitlement-der \
                 --timestamp=none H.app",
            ),
            (verify("H.app"), "codesign --verify --strict H.app"),
        ] {
            assert_eq!(call.to_string(), line);
        }
    }

    #[test]
    fn the_one_identity_for_development_that_is_good_is_chosen() {
        let all = read_identities(LIST);
        assert_eq!(all.len(), 3);
        assert_eq!(all[1].problem.as_deref(), Some("CSSMERR_TP_CERT_REVOKED"));
        assert_eq!(choose(&all, None).unwrap().name, "Apple Development: Jo (AAAAAAAAAA)");
        assert_eq!(choose(&all, Some("2123")).unwrap().hash, all[2].hash);
        assert_eq!(choose(&all, Some("CCCCCCCCCC")).unwrap().hash, all[2].hash);
        assert!(choose(&all, Some("iPhone Developer")).unwrap_err().contains("no identity fits"));
        assert!(choose(&all, Some("Apple")).unwrap_err().contains("several"));
        assert!(choose(&[], None).unwrap_err().contains("Manage Certificates"));
        assert_eq!(read_identities("     0 valid identities found\n"), []);
    }
}
