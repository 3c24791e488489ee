//! Faults around the app that last until they are over.

use crate::trace::What;

/// What `what` breaks or makes whole again: what it is called while it is broken, and whether it is from now on.
pub(in crate::report) fn fault(what: &What) -> Option<(&'static str, bool)> {
    if let What::ServerDown { .. } = what {
        Some(("server down", true))
    } else if let What::ServerUp {} = what {
        Some(("server down", false))
    } else if let What::PathChanged { silent } = *what {
        Some(("path silent", silent))
    } else if let What::InternetChanged { on } = *what {
        Some(("no internet", !on))
    } else if let What::PortalChanged { on } = *what {
        Some(("captive portal", on))
    } else if let What::DnsChanged { on } = *what {
        Some(("no DNS", !on))
    } else if let What::VoiceCall { on, stalls: true } = *what {
        Some(("telephone call", on))
    } else {
        None
    }
}
