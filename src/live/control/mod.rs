//! The control API: what can be asked of a running server, over HTTP in JSON. `docs/control-api.md` shows it,
//! `openapi.json` describes it, and the server hands that out itself.
//!
//! | file | what |
//! | --- | --- |
//! | `routes` | which path and method asks for what |
//! | `request` | a request's bytes as what is asked, or why not |
//! | `answer` | asks the hub, and what is answered |
//! | `problem` | every error: its status, its word, its sentence |
//! | `metrics` | the counters as Prometheus reads them |
//! | `router` | authorisation, bounds, timeouts |
//! | `serve` | the thread, and its connections |

mod answer;
mod metrics;
mod problem;
mod request;
mod router;
mod routes;
mod serve;

pub use problem::Problem;
pub use request::{Asked, Parts, read};
pub use router::MOST_REQUESTS;
pub use routes::{Call, ROUTES, Route};
pub use serve::{MOST_CONNECTIONS, Serving, serve};

/// The description of the API, OpenAPI 3.1.
pub const OPENAPI: &str = include_str!("openapi.json");

/// The longest body that is read.
pub const MOST_BODY: usize = 128 << 10;
