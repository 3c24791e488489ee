//! The server that everything is compared with: tokio, one task a connection with a buffer of 1 KiB.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::child::end_with_the_parent;
use super::error::{BenchError, Trying};

const BUFFER: usize = 1024;
/// As many as the kernel allows at most by default.
const BACKLOG: u32 = 4096;

/// Echoes until its standard input ends. The first line on standard output is its address.
pub fn serve_echo() -> Result<(), BenchError> {
    end_with_the_parent()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_io()
        .build()
        .trying(|| "cannot start a runtime".into())?;
    runtime.block_on(async {
        let listener = listen().trying(|| "cannot listen on 127.0.0.1".into())?;
        let address = listener.local_addr().trying(|| "a listener without an address".into())?;
        let mut out = std::io::stdout();
        writeln!(out, "{address}")
            .and_then(|()| out.flush())
            .trying(|| "cannot say where".into())?;
        loop {
            let (stream, _) = listener.accept().await.trying(|| "cannot accept".into())?;
            tokio::spawn(echo(stream));
        }
    })
}

fn listen() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    socket.listen(BACKLOG)
}

/// Whatever ends a connection, there is nobody to tell.
async fn echo(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut buffer = [0; BUFFER];
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        if stream.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}
