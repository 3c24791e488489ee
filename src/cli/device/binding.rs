//! Where the host of a run listens.

use std::io::{BufRead, IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use crate::cli::exit::CliError;
use crate::device::host::drive::Kind;

/// The address to listen at: `asked`, or the one at which such a device finds this machine. Off loopback a person is
/// asked first, unless they said `yes` before.
///
/// # Errors
/// [`CliError`] when there is no such address, or nobody agreed.
pub(super) fn address(asked: Option<IpAddr>, kind: Kind, yes: bool) -> Result<IpAddr, CliError> {
    let address = match (asked, kind) {
        (Some(asked), _) => asked,
        (None, Kind::Fake | Kind::Simulator) => Ipv4Addr::LOCALHOST.into(),
        (None, Kind::Phone | Kind::OldPhone) => to_the_network().ok_or_else(|| {
            CliError::Environment(
                "no address of this machine leads to a network\n\
                 Connect it to the network of the phone, or name an address: --bind ADDRESS."
                    .into(),
            )
        })?,
    };
    if address.is_unspecified() {
        return Err(CliError::WrongInput(format!(
            "--bind {address}: a phone has to be told one address\n\
             Name the one by which it reaches this machine."
        )));
    }
    if !address.is_loopback() && !yes {
        agreed(address)?;
    }
    Ok(address)
}

/// The address from which this machine would talk to somebody elsewhere. Nothing is sent.
fn to_the_network() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(SocketAddr::from(DOCUMENTATION)).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// An address that nobody has: of the block for documentation.
const DOCUMENTATION: ([u8; 4], u16) = ([192, 0, 2, 1], 9);

/// Asks whether to listen off loopback.
fn agreed(address: IpAddr) -> Result<(), CliError> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
        return Err(CliError::WrongInput(format!(
            "this would listen at {address}, where others reach it\n\
             Say that it may: --yes."
        )));
    }
    let mut err = anstream::stderr().lock();
    write!(err, "Listen at {address}, where others on the network reach it? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(CliError::WrongInput("nothing was started".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_never_asked_for() {
        for kind in [Kind::Fake, Kind::Simulator] {
            assert!(address(None, kind, false).unwrap().is_loopback());
        }
    }

    #[test]
    fn every_address_at_once_is_none_that_a_phone_can_be_told() {
        let error = address(Some(Ipv4Addr::UNSPECIFIED.into()), Kind::Phone, true).unwrap_err();
        assert!(matches!(error, CliError::WrongInput(why) if why.contains("one address")));
    }
}
