//! Every error of the control API: its status, one word for programs, and a sentence that says what to do.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use serde_json::json;

use crate::live::server::api::Refused;

/// An error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// One word.
    pub error: &'static str,
    /// A sentence.
    pub message: String,
}

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        error: &'static str,
        message: impl Into<String>,
    ) -> Problem {
        Problem { status, error, message: message.into() }
    }

    /// The request is wrong.
    pub(super) fn wrong(error: &'static str, message: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, error, message)
    }

    /// No token, or another one.
    pub(super) fn token() -> Problem {
        let message = "give the server's token in the header `Authorization: Bearer TOKEN`";
        Problem::new(StatusCode::UNAUTHORIZED, "token", message)
    }

    /// The server does not do it.
    pub(super) fn refused(refused: &Refused) -> Problem {
        let (status, message) = match refused {
            Refused::UnknownDevice => (
                StatusCode::NOT_FOUND,
                "no such device is connected or has pushes waiting; GET /v1/devices lists them"
                    .into(),
            ),
            Refused::NotConnected => (
                StatusCode::CONFLICT,
                "the device is not connected; a push waits for it, this does not".into(),
            ),
            Refused::DeviceName => (StatusCode::BAD_REQUEST, NAME.into()),
            Refused::Payload => (
                StatusCode::BAD_REQUEST,
                "a payload is one line without control characters that fits a line of the \
                 protocol; encode what does not, for example as base64"
                    .into(),
            ),
            Refused::TooManyDevices => (
                StatusCode::TOO_MANY_REQUESTS,
                "the server knows as many devices as it holds; wait until some have gone and \
                 nothing waits for them"
                    .into(),
            ),
            Refused::Full => (
                StatusCode::TOO_MANY_REQUESTS,
                "what waits is as much as the server holds; wait until devices have \
                 acknowledged, or cancel pushes"
                    .into(),
            ),
            Refused::Store(why) => (
                StatusCode::INSUFFICIENT_STORAGE,
                format!(
                    "the store could not write ({why}); what was accepted before is safe: make \
                     room on its disk and push again"
                ),
            ),
            Refused::Down => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the server is down or drains; try again when it is back".into(),
            ),
        };
        Problem { status, error: refused.reason(), message }
    }
}

/// What a name of a device is.
pub(super) const NAME: &str = "a device's name is 1 to 64 of `A-Z a-z 0-9 . _ : @ -`";

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status;
        let body = json!({ "error": self.error, "message": self.message });
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
