//! The sending half of a connection, with the faults that only bytes can have.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

/// What the other parts of a connection want done with its socket, in order.
#[derive(Debug)]
pub(crate) enum Output {
    /// Send these bytes, cut into pieces of at most so many.
    Bytes(Bytes, Option<usize>),
    /// Send nothing from now on, and leave the connection open.
    Stall,
    /// Close the connection after what was sent.
    Close,
}

/// The way to the socket. Whole sentences go in, so that many commands can share it.
pub(crate) type Sender = mpsc::Sender<Output>;

/// How long a client may take no bytes before it counts as gone.
const LONGEST_WRITE: Duration = Duration::from_secs(600);

/// Writes what comes from `outputs` until it is told to close, the peer goes, or nobody can send any more.
pub(crate) async fn write_all(
    mut socket: impl AsyncWrite + Unpin,
    mut outputs: mpsc::Receiver<Output>,
) {
    let mut stalled = false;
    while let Some(output) = outputs.recv().await {
        match output {
            Output::Bytes(bytes, chunk) if !stalled => {
                let writing = write(&mut socket, &bytes, chunk);
                if !matches!(
                    tokio::time::timeout(LONGEST_WRITE, writing).await,
                    Ok(Ok(()))
                ) {
                    return;
                }
            }
            Output::Bytes(..) => {}
            Output::Stall => stalled = true,
            Output::Close => break,
        }
    }
    if !stalled {
        // The peer may have gone first, which is as well.
        let _ = tokio::time::timeout(LONGEST_WRITE, socket.shutdown()).await;
    }
}

async fn write(
    socket: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    chunk: Option<usize>,
) -> std::io::Result<()> {
    let Some(size) = chunk else {
        return socket.write_all(bytes).await;
    };
    for piece in bytes.chunks(size.max(1)) {
        socket.write_all(piece).await?;
        socket.flush().await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}
