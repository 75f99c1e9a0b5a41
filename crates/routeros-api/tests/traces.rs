//! What the client traces.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::io;
use std::sync::{Arc, Mutex};

use routeros_api::Command;
use support::{connect, router_that};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn commands_are_traced_without_secrets() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(lines.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let (address, _acting) = router_that(async |mut peer| {
        peer.let_in().await;
        let request = peer.request().await;
        peer.answer(&request, 1).await;
    })
    .await;
    let command = Command::new("/user/set")
        .attribute("name", "operator")
        .attribute("password", "geheim");
    connect(address).await.command(command).await.unwrap();
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("/user/set =name=operator =password=***"),
        "{text}"
    );
    assert!(
        !text.contains("hunter2") && !text.contains("geheim"),
        "{text}"
    );
}
