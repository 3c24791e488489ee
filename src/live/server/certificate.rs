//! The certificate that the server shows: read from files, or made for tests with a CA of its own.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer};
use rcgen::{KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Where a certificate is on the disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Files {
    /// The certificate, then those between it and its CA.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Why there is no certificate: what, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateError(String);

impl std::fmt::Display for CertificateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CertificateError {}

fn wrong(path: &Path, why: impl std::fmt::Display) -> CertificateError {
    CertificateError(format!("{}: {why}", path.display()))
}

impl Files {
    /// What TLS needs of them.
    ///
    /// # Errors
    /// When a file cannot be read, or the key is not the certificate's.
    pub fn load(&self) -> Result<Arc<ServerConfig>, CertificateError> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(&self.certificate, error))?;
        let key =
            PrivateKeyDer::from_pem_file(&self.key).map_err(|error| wrong(&self.key, error))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_no_client_auth())
            .and_then(|builder| builder.with_single_cert(chain, key))
            .map_err(|error| wrong(&self.certificate, error))?;
        Ok(Arc::new(config))
    }
}

/// How long a made certificate holds: iOS takes none that holds longer than 825 days.
const HOLDS: Duration = Duration::from_secs(800 * 86_400);
/// Clocks of other machines may be behind.
const BEFORE: Duration = Duration::from_secs(86_400);

/// Makes a CA and a certificate for localhost, its addresses and `names` in a folder: `ca.pem`, `cert.pem` and
/// `key.pem`. What is there is used again, so that whoever trusts the CA goes on trusting it. The CA's key is kept
/// nowhere: it signs nothing else.
///
/// # Errors
/// When a name is none, the folder cannot be written, or some of the files are there and others are not.
pub fn self_signed(folder: &Path, names: &[String]) -> Result<Files, CertificateError> {
    let [ca, certificate, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| folder.join(name));
    let files = Files { certificate, key };
    let all = [&ca, &files.certificate, &files.key];
    match all.iter().filter(|file| file.exists()).count() {
        3 => return Ok(files),
        0 => {}
        _ => {
            let why = "some of ca.pem, cert.pem and key.pem are there and others are not; \
                       remove them, or name another folder";
            return Err(wrong(folder, why));
        }
    }
    let made = make(names).map_err(|error| wrong(folder, error))?;
    fs::create_dir_all(folder).map_err(|error| wrong(folder, error))?;
    for (path, text) in all.into_iter().zip(&made) {
        write(path, text).map_err(|error| wrong(path, error))?;
    }
    Ok(files)
}

/// The CA, the certificate with it behind, and its key, as PEM.
fn make(names: &[String]) -> Result<[String; 3], rcgen::Error> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (from, until) = (since.saturating_sub(BEFORE), since.saturating_add(HOLDS));
    let dated = |mut params: CertificateParams, name: &str| {
        params.not_before = date_time_ymd(1970, 1, 1) + from;
        params.not_after = date_time_ymd(1970, 1, 1) + until;
        params.distinguished_name.push(DnType::CommonName, name);
        params
    };
    let mut authority = dated(CertificateParams::new(Vec::new())?, "holdline test CA");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let ca = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let all: Vec<String> = own.into_iter().chain(names.iter().cloned()).collect();
    let mut leaf = dated(CertificateParams::new(all)?, "holdline test server");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let signed = leaf.signed_by(&key, &issuer)?;
    Ok([ca.pem(), signed.pem() + &ca.pem(), key.serialize_pem()])
}

/// Writes a file that was not there, for nobody else to read.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_used_again_and_half_of_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let files = self_signed(folder.path(), &["push.test".into()]).unwrap();
        files.load().unwrap();
        let before = fs::read(&files.certificate).unwrap();
        assert_eq!(self_signed(folder.path(), &[]).unwrap(), files);
        assert_eq!(fs::read(&files.certificate).unwrap(), before);
        fs::remove_file(&files.key).unwrap();
        let error = self_signed(folder.path(), &[]).unwrap_err();
        assert!(error.to_string().contains("others are not"), "{error}");
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = self_signed(one.path(), &[]).unwrap();
        let other = self_signed(two.path(), &[]).unwrap();
        assert!(Files { key: other.key, ..files }.load().is_err());
    }
}
