//! Do the crates depend on each other only in the fixed direction, domain ← store ← projections ← replay ← api?

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

use super::{assert_none, root};

/// Who may use whom in the product. Nobody but `tests` may use `api`.
const ALLOWED: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("migrations", &[]),
    ("store", &["domain", "migrations"]),
    ("projections", &["domain", "store"]),
    ("replay", &["domain", "store", "projections"]),
    ("api", &["domain", "store", "projections", "replay"]),
    ("testbed", &[]),
    ("bench", &["domain", "store", "projections", "replay", "testbed"]),
    ("tests", &["domain", "migrations", "store", "projections", "replay", "api", "testbed"]),
];

/// What a crate's own tests may use besides.
const ALLOWED_IN_TESTS: [&str; 2] = ["testbed", "migrations"];

/// The domain gets time, ids and the actor in the command (rule A1).
const FORBIDDEN_IN_DOMAIN: [&str; 8] = ["tokio", "sqlx", "axum", "rand", "tracing", "log", "reqwest", "chrono"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Absent for what the product itself uses, else `dev` or `build`.
    kind: Option<String>,
}

#[test]
fn crates_depend_in_one_direction() {
    let allowed = BTreeMap::from(ALLOWED);
    let packages = packages();
    let members: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(members, allowed.keys().copied().collect(), "a new crate needs its place in the table");

    let mut offenders = Vec::new();
    for package in &packages {
        let may = allowed[package.name.as_str()];
        for dependency in package.dependencies.iter().filter(|dependency| members.contains(dependency.name.as_str())) {
            let for_tests = dependency.kind.is_some() && ALLOWED_IN_TESTS.contains(&dependency.name.as_str());
            if !may.contains(&dependency.name.as_str()) && !for_tests {
                offenders.push(format!("{} → {}", package.name, dependency.name));
            }
        }
    }
    assert_none("these dependencies are against the direction of the architecture", &offenders);
}

#[test]
fn the_domain_is_pure_and_migrations_know_sqlx_only() {
    let names = |wanted: &str| -> BTreeSet<String> {
        let package = packages().into_iter().find(|package| package.name == wanted).unwrap();
        package.dependencies.into_iter().filter(|it| it.kind.is_none()).map(|it| it.name).collect()
    };
    assert_eq!(names("migrations"), BTreeSet::from(["sqlx".to_owned()]));
    let offenders: Vec<String> =
        names("domain").into_iter().filter(|name| FORBIDDEN_IN_DOMAIN.contains(&name.as_str())).collect();
    assert_none("domain must not depend on these", &offenders);
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Metadata>(&output.stdout).unwrap().packages
}
