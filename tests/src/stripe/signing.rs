//! Signatures made by Stripe's own Python client, where the test script has installed it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use api::stripe::signature::sign;

/// Signs each body at one timestamp. The official client is asked where it is installed; otherwise our own function
/// signs, and the test says so.
pub fn sign_all(bodies: &[&[u8]], secret: &str, timestamp_s: i64) -> Vec<String> {
    let python = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/venv/bin/python");
    if !python.exists() {
        println!("the official client is not installed: signing with our own function");
        return bodies.iter().map(|body| sign(secret, body, timestamp_s)).collect();
    }
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/sign_with_stripe.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(secret)
        .arg(timestamp_s.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the official client starts");
    let mut input = child.stdin.take().expect("its input");
    let lines: Vec<String> = bodies.iter().map(hex::encode).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").expect("a line is written");
        }
    });
    let output = child.wait_with_output().expect("its output");
    writer.join().expect("all lines are written");
    let headers: Vec<String> = String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect();
    assert_eq!(headers.len(), bodies.len(), "a signature for each body");
    headers
}
