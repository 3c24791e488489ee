//! The router: authorisation, how many requests at once, how long one may take, how long a body may be.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::MOST_BODY;
use super::answer::answer;
use super::problem::Problem;
use super::request::{Parts, read};
use super::routes::{Call, ROUTES, Route};
use crate::live::server::{Handle, same};

/// Requests that are answered at once; more are refused with 429.
pub const MOST_REQUESTS: usize = 64;
/// How long a body may take to come.
const BODY_WITHIN: Duration = Duration::from_secs(5);
/// How long the server may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

struct Api {
    hub: Handle,
    token: String,
    requests: Semaphore,
}

/// The routes, behind what guards them.
pub(super) fn router(hub: Handle, token: String) -> Router {
    let api = Arc::new(Api { hub, token, requests: Semaphore::new(MOST_REQUESTS) });
    let mut router = Router::new();
    for Route { method, path, call, .. } in ROUTES {
        let call = *call;
        let handler =
            move |State(api): State<Arc<Api>>,
                  params: Result<RawPathParams, RawPathParamsRejection>,
                  request: Request| async move { handle(&api, call, params, request).await };
        router = router.route(path, on(filter(method), handler));
    }
    router
        .fallback(|| async {
            let message = "there is no such path; GET /v1/openapi.json describes them all";
            Problem::new(StatusCode::NOT_FOUND, "path", message)
        })
        .method_not_allowed_fallback(|| async {
            let message = "this path has no such method; the header `Allow` says which it has";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", message)
        })
        .layer(from_fn_with_state(Arc::clone(&api), guard))
        .with_state(api)
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "POST" => MethodFilter::POST,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// Before anything is read of a request.
async fn guard(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let open = ROUTES.iter().any(|route| route.open && route.path == path);
    if !open && !has_token(&request, &api.token) {
        return Problem::token().into_response();
    }
    let Ok(_one_of_them) = api.requests.try_acquire() else {
        let message = format!("{MOST_REQUESTS} requests are under way; try again");
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", message).into_response();
    };
    timeout(ANSWER_WITHIN + BODY_WITHIN, next.run(request))
        .await
        .unwrap_or_else(|_| late().into_response())
}

fn late() -> Problem {
    let message = "the server did not answer in time; what was asked may be done all the same";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", message)
}

fn has_token(request: &Request, token: &str) -> bool {
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.as_bytes());
    let Some((scheme, given)) = given.and_then(|value| value.split_at_checked(7)) else {
        return false;
    };
    scheme.eq_ignore_ascii_case(b"bearer ") && same(token.as_bytes(), given.trim_ascii())
}

async fn handle(
    api: &Api,
    call: Call,
    params: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let params = params.map_err(|_| Problem::wrong("path", "the path is not UTF-8"))?;
    let param = |wanted| params.iter().find(|(name, _)| *name == wanted).map_or("", |(_, is)| is);
    let (head, body) = request.into_parts();
    let body = match head.method {
        Method::GET | Method::HEAD => Default::default(),
        _ => match timeout(BODY_WITHIN, Limited::new(body, MOST_BODY).collect()).await {
            Ok(Ok(collected)) => collected.to_bytes(),
            Ok(Err(error)) => return Err(unread(&*error)),
            Err(_) => {
                let message = "the body did not come in time; send it at once";
                return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body", message));
            }
        },
    };
    let parts = Parts {
        device: param("device"),
        id: param("id"),
        query: head.uri.query().unwrap_or(""),
        body: &body,
    };
    let asked = read(call, parts)?;
    timeout(ANSWER_WITHIN, answer(&api.hub, asked)).await.unwrap_or_else(|_| Err(late()))
}

fn unread(error: &(dyn std::error::Error + 'static)) -> Problem {
    if error.is::<LengthLimitError>() {
        let message = format!("a body has at most {MOST_BODY} bytes");
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", message);
    }
    Problem::wrong("body", format!("the body did not come to its end ({error})"))
}
