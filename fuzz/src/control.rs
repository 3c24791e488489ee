//! What has to hold of any bytes that are taken for a request of the control API. The fuzz target calls this, and so
//! does an ordinary test.

use holdline::live::control::{Asked, Parts, ROUTES, read};
use holdline::live::server::api::To;
use holdline::wire::is_device_name;

/// Reads `input`: its first byte chooses the route; what follows, separated by zero bytes, is the device, the id and
/// the query as they stand in a path, and the body.
///
/// # Panics
/// When something does not hold.
pub(crate) fn request(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let route = ROUTES[usize::from(*first) % ROUTES.len()];
    let mut parts = rest.splitn(4, |byte| *byte == 0);
    let mut text = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let (device, id, query) = (text(), text(), text());
    let body = parts.next().unwrap_or_default();
    let parts = Parts { device: &device, id: &id, query: &query, body };
    let asked = read(route.call, parts);
    assert_eq!(asked, read(route.call, parts), "the second time it is another");
    match asked {
        Ok(asked) => {
            let named = device_of(&asked);
            assert!(named.is_none_or(is_device_name), "{asked:?}");
        }
        Err(problem) => {
            assert_eq!(problem.status.as_u16(), 400, "{problem:?}");
            assert!(!problem.error.is_empty() && problem.message.len() > 10, "{problem:?}");
        }
    }
}

fn device_of(asked: &Asked) -> Option<&str> {
    match asked {
        Asked::Device(device) | Asked::Cancel { device, .. } => Some(device),
        Asked::Devices { after, .. } => after.as_deref(),
        Asked::Push { to, .. } | Asked::Heartbeat(to) | Asked::Drop { to, .. } => match to {
            To::Device(device) => Some(device),
            To::All => None,
        },
        Asked::Health
        | Asked::Metrics
        | Asked::OpenApi
        | Asked::Stats
        | Asked::Restart { .. }
        | Asked::Drain { .. } => None,
    }
}
