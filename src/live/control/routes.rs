//! Which path and method asks for what: the router is made from this table, and the description is held to it.

/// What is asked for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// Is the server there?
    Health,
    /// The counters, for Prometheus.
    Metrics,
    /// The description of the API.
    OpenApi,
    /// The counters.
    Stats,
    /// All devices, in pages.
    Devices,
    /// One device.
    Device,
    /// A push to one device.
    Push,
    /// A push to all that are connected.
    PushAll,
    /// Withdraw a push.
    Cancel,
    /// Ask one device for a sign of life.
    Heartbeat,
    /// Ask all for a sign of life.
    HeartbeatAll,
    /// End a device's connection.
    Drop,
    /// End all connections.
    DropAll,
    /// Go down and come back.
    Restart,
    /// Send everybody away and end.
    Drain,
}

/// One path and method.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// With `{device}` and `{id}`.
    pub path: &'static str,
    /// What it asks for.
    pub call: Call,
    /// Whether it needs no token.
    pub open: bool,
}

const fn route(method: &'static str, path: &'static str, call: Call) -> Route {
    Route { method, path, call, open: false }
}

const fn open(path: &'static str, call: Call) -> Route {
    Route { method: "GET", path, call, open: true }
}

/// All of them. A test whether the server lives and a collector of metrics need no token: neither tells who is
/// connected, nor changes anything.
pub const ROUTES: &[Route] = &[
    open("/healthz", Call::Health),
    open("/metrics", Call::Metrics),
    route("GET", "/v1/openapi.json", Call::OpenApi),
    route("GET", "/v1/stats", Call::Stats),
    route("GET", "/v1/devices", Call::Devices),
    route("GET", "/v1/devices/{device}", Call::Device),
    route("POST", "/v1/devices/{device}/push", Call::Push),
    route("DELETE", "/v1/devices/{device}/pushes/{id}", Call::Cancel),
    route("POST", "/v1/devices/{device}/heartbeat", Call::Heartbeat),
    route("POST", "/v1/devices/{device}/drop", Call::Drop),
    route("POST", "/v1/push", Call::PushAll),
    route("POST", "/v1/heartbeat", Call::HeartbeatAll),
    route("POST", "/v1/drop", Call::DropAll),
    route("POST", "/v1/restart", Call::Restart),
    route("POST", "/v1/drain", Call::Drain),
];
