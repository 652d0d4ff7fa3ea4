//! A lean HTTP/1.1 client, so that the measurement costs little beside what is measured. It knows keep-alive and
//! Content-Length, which is all that the servers measured here use; it never retries.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer's head beyond this is not one of ours.
const MAX_HEAD_BYTES: usize = 64 * 1024;

#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The bytes of a request; headers are whole lines without their ends.
pub fn request(method: &str, path: &str, headers: &[String], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    if method != "GET" {
        let length = body.len().to_string();
        for part in ["content-type: application/json\r\ncontent-length: ", &length, "\r\n"] {
            head.push_str(part);
        }
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

impl Connection {
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(8 * 1024) })
    }

    /// Sends a request and reads its answer whole.
    pub async fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(head) = read_head(&self.buffer)? {
                break head;
            }
            if self.buffer.len() > MAX_HEAD_BYTES {
                return Err(malformed("the head does not end"));
            }
            self.read_more().await?;
        };
        let end = head.bytes + head.content_length;
        while self.buffer.len() < end {
            self.read_more().await?;
        }
        let body = self.buffer.get(head.bytes..end).unwrap_or_default().to_vec();
        Ok(Answer { status: head.status, body })
    }

    async fn read_more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    content_length: usize,
    /// Its length, the empty line included.
    bytes: usize,
}

/// `None` while the head is not there whole.
fn read_head(buffer: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(buffer.get(..end).unwrap_or_default()).map_err(|_| malformed("not text"))?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| malformed("no status"))?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok());
    let content_length = match (status, length) {
        (_, Some(length)) => length,
        (204 | 304, None) => 0,
        (_, None) => return Err(malformed("no content-length")),
    };
    Ok(Some(Head { status, content_length, bytes: end + 4 }))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the answer is malformed: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_once_they_are_whole() {
        let ok = |status, content_length, bytes| Ok(Some(Head { status, content_length, bytes }));
        let cases: [(&str, Result<Option<Head>, &str>); 6] = [
            ("HTTP/1.1 200 OK\r\nContent-Len", Ok(None)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{", ok(200, 12, 39)),
            ("HTTP/1.1 404 Not Found\r\ncontent-length:0\r\nx: y\r\n\r\n", ok(404, 0, 50)),
            ("HTTP/1.1 204 No Content\r\n\r\n", ok(204, 0, 27)),
            ("HTTP/1.1 200 OK\r\n\r\n", Err("no content-length")),
            ("nonsense\r\n\r\n", Err("no status")),
        ];
        for (text, expected) in cases {
            let found = read_head(text.as_bytes()).map_err(|error| error.to_string());
            match expected {
                Ok(head) => assert_eq!(found, Ok(head), "{text:?}"),
                Err(reason) => assert!(found.is_err_and(|error| error.ends_with(reason)), "{text:?}"),
            }
        }
    }

    #[test]
    fn a_request_says_how_long_its_body_is() {
        let post = request("POST", "/hook", &["x-a: b".to_owned()], b"{}");
        let expected = "POST /hook HTTP/1.1\r\nhost: localhost\r\nx-a: b\r\n\
            content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(String::from_utf8(post).unwrap(), expected);
        assert_eq!(request("GET", "/", &[], b""), b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    }
}
