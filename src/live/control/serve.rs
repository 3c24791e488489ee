//! The thread of the control API and its connections: how many, and how long one may be idle.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use super::router::router;
use crate::live::server::Handle;

/// Connections at once; more are refused with 503.
pub const MOST_CONNECTIONS: usize = 256;
/// Connections that are being told so at once; more are closed without a word.
const MOST_REFUSALS: usize = 32;
/// How long a request's head may take to come; so long a connection may be idle, too.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// How long requests that are under way have when the server ends.
const GRACE: Duration = Duration::from_secs(2);
/// How long nothing is accepted when the system gives no more descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A control API that is served.
#[derive(Debug)]
pub struct Serving {
    /// Where.
    pub address: SocketAddr,
    thread: JoinHandle<()>,
}

impl Serving {
    /// Waits until it has ended: after `shutdown`.
    ///
    /// # Errors
    /// When its thread panicked.
    pub fn join(self) -> io::Result<()> {
        self.thread.join().map_err(|_| io::Error::other("the control API's thread panicked"))
    }
}

/// Serves the control API on a thread of its own until `shutdown` is sent or dropped. Whoever reaches `listener` and
/// has `token` may do everything: listen on loopback.
///
/// # Errors
/// When the token is empty, or a descriptor or a thread cannot be had.
pub fn serve(
    listener: std::net::TcpListener,
    handle: Handle,
    token: String,
    shutdown: oneshot::Receiver<()>,
) -> io::Result<Serving> {
    if token.is_empty() {
        let message = "the control API needs a token that is not empty";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener)?
    };
    let router = router(handle, token);
    let thread = std::thread::Builder::new()
        .name("control".into())
        .spawn(move || runtime.block_on(accept(listener, router, shutdown)))?;
    Ok(Serving { address, thread })
}

async fn accept(listener: TcpListener, router: Router, mut shutdown: oneshot::Receiver<()>) {
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let refusals = Arc::new(Semaphore::new(MOST_REFUSALS));
    let (ending, ended) = watch::channel(());
    let mut failing = false;
    loop {
        let accepted = tokio::select! {
            _ = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => {
                failing = false;
                stream
            }
            Err(error) => {
                // Once, until it can again: it is tried ten times a second.
                if !std::mem::replace(&mut failing, true) {
                    warn!(%error, "the control API cannot accept");
                }
                sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        if let Ok(permit) = Arc::clone(&connections).try_acquire_owned() {
            let (router, ended) = (router.clone(), ended.clone());
            tokio::spawn(async move {
                connection(stream, router, ended).await;
                drop(permit);
            });
        } else if let Ok(permit) = Arc::clone(&refusals).try_acquire_owned() {
            tokio::spawn(async move {
                // Whoever does not listen to the refusal has gone.
                let _ = timeout(GRACE, refuse(stream)).await;
                drop(permit);
            });
        }
    }
    drop(listener);
    drop(ended);
    let _ = ending.send(());
    // Every connection has one of these until it has ended.
    let _ = timeout(GRACE, ending.closed()).await;
}

async fn connection(stream: TcpStream, router: Router, mut ended: watch::Receiver<()>) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let service = TowerToHyperService::new(router);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let result = tokio::select! {
        result = &mut connection => result,
        _ = ended.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        debug!(%error, "a connection of the control API failed");
    }
}

/// Says that there are too many. What the client says is read, so that its kernel does not throw the answer away.
async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let body = format!(
        "{{\"error\":\"too-many-connections\",\"message\":\"the control API has \
         {MOST_CONNECTIONS} connections; close some and try again\"}}"
    );
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nretry-after: 1\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await?;
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
