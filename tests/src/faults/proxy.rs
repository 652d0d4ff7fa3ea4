//! A TCP proxy before PostgreSQL that can swallow the reply to a COMMIT and cut the connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone)]
pub struct Proxy {
    pub port: u16,
    armed: Arc<AtomicBool>,
    pub swallowed: Arc<AtomicU32>,
}

impl Proxy {
    pub async fn start(database_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = Self {
            port: listener.local_addr().expect("an address").port(),
            armed: Arc::new(AtomicBool::new(false)),
            swallowed: Arc::new(AtomicU32::new(0)),
        };
        let own = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.carry(client, database_port).await });
            }
        });
        proxy
    }

    /// The next COMMIT reaches the database, and its reply reaches nobody.
    pub fn swallow_next_commit(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    async fn carry(&self, mut client: TcpStream, database_port: u16) {
        let mut database = TcpStream::connect(("127.0.0.1", database_port)).await.expect("the database listens");
        let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
        let mut cut = false;
        loop {
            tokio::select! {
                read = client.read(&mut up) => {
                    let Ok(count @ 1..) = read else { return };
                    let bytes = &up[..count];
                    let commits = bytes.windows(6).any(|window| window.eq_ignore_ascii_case(b"COMMIT"));
                    cut = commits && self.armed.swap(false, Ordering::SeqCst);
                    if database.write_all(bytes).await.is_err() {
                        return;
                    }
                }
                read = database.read(&mut down) => {
                    let Ok(count @ 1..) = read else { return };
                    if cut {
                        self.swallowed.fetch_add(1, Ordering::SeqCst);
                        return;
                    }
                    if client.write_all(&down[..count]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
