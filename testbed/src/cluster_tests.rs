//! Does a throw-away server start, keep what it acknowledged through kill -9, and leave nothing behind?

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use crate::{Cluster, ClusterOptions, Durability};

fn query(cluster: &Cluster, database: &str, sql: &str) -> String {
    let output =
        Command::new(cluster.program("psql")).args(["-XAtq", "-c", sql, &cluster.url(database)]).output().unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn committed_rows_survive_kill_9_and_the_folder_does_not_survive_the_drop() {
    let mut cluster = Cluster::start().unwrap();
    let url = cluster.create_database("one").unwrap();
    assert_eq!(url, cluster.url("one"));
    assert!(cluster.create_database("one").is_err(), "a name is taken once");
    query(&cluster, "one", "CREATE TABLE t (n BIGINT NOT NULL); INSERT INTO t VALUES (41), (42)");

    cluster.kill_9().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", cluster.port())).is_err(), "nobody listens after kill -9");
    cluster.kill_9().unwrap();
    cluster.restart().unwrap();
    assert_eq!(query(&cluster, "one", "SELECT sum(n) FROM t"), "83");
    cluster.restart().unwrap();
    assert_eq!(query(&cluster, "one", "SELECT count(*) FROM t"), "2");

    let folder = PathBuf::from(query(&cluster, "one", "SHOW data_directory"));
    let port = cluster.port();
    drop(cluster);
    assert!(!folder.exists());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn durability_is_on_unless_switched_off_and_the_text_is_utf8_under_the_c_locale() {
    for (durability, expected) in [(Durability::On, "on"), (Durability::Off, "off")] {
        let options = ClusterOptions { durability, ..ClusterOptions::default() };
        let cluster = Cluster::start_with(options).unwrap();
        assert_eq!(query(&cluster, "postgres", "SHOW fsync"), expected);
        assert_eq!(query(&cluster, "postgres", "SHOW synchronous_commit"), expected);
        assert_eq!(query(&cluster, "postgres", "SHOW server_encoding"), "UTF8");
        assert_eq!(query(&cluster, "postgres", "SHOW lc_collate"), "C");
    }
}
