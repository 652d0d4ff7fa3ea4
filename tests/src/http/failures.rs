//! What every surface answers to requests that are wrong before they mean anything.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, on_both_engines};

#[tokio::test(flavor = "multi_thread")]
async fn credentials_and_scopes_are_checked() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let with = |header: Option<String>| {
            let app = &app;
            async move {
                app.raw(|client, base| {
                    let request = client.get(format!("{base}/api/v1/customers"));
                    match header {
                        Some(header) => request.header("authorization", header),
                        None => request,
                    }
                })
                .await
            }
        };
        let key = app.key.clone();
        let tampered = format!("{}x", &key[..key.len() - 1]);
        let cases = [
            (None, 401, "AUTHENTICATION_REQUIRED"),
            (Some("Bearer nonsense".to_owned()), 401, "INVALID_API_KEY"),
            (Some(format!("Bearer {tampered}")), 401, "INVALID_API_KEY"),
            (Some(format!("Basic {key}")), 401, "INVALID_API_KEY"),
            (Some("JWT a.b.c".to_owned()), 401, "INVALID_API_KEY"),
        ];
        for (header, status, code) in cases {
            let answer = with(header.clone()).await;
            assert_eq!(answer.status.as_u16(), status, "{header:?}: {}", answer.text);
            assert_eq!(answer.json()["error"]["code"], code, "{header:?}");
        }
        assert_eq!(with(Some(format!("Bearer {key}"))).await.status, 200);
        let scopes = api::auth::Scopes::parse("read");
        let tenant = crate::support::app::tenant();
        let new = api::auth::keys::NewKey { tenant, scopes, premium: false, rate_limit: None };
        let reader = api::auth::keys::create(&app.app.ledger, &new).await.unwrap();
        let refused = app
            .raw(|client, base| {
                client
                    .post(format!("{base}/api/v1/customers"))
                    .bearer_auth(&reader)
                    .json(&json!({ "email": "a@example.com" }))
            })
            .await;
        assert_eq!(
            (refused.status.as_u16(), refused.json()["error"]["code"].as_str()),
            (403, Some("INSUFFICIENT_PERMISSIONS"))
        );
        app.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_mean_nothing_get_the_surfaces_own_error() {
    on_both_engines(|url| async move {
        let app = TestApp::start(&url).await;
        let cases = [
            (Method::GET, "/api/v1/nothing", None, 404, "RESOURCE_NOT_FOUND"),
            (Method::GET, "/api/v1/customers/cus_nobody", None, 404, "RESOURCE_NOT_FOUND"),
            (Method::GET, "/api/v1/customers/a%2Fb", None, 404, "RESOURCE_NOT_FOUND"),
            (Method::PATCH, "/api/v1/customers", None, 405, "VALIDATION_ERROR"),
            (Method::POST, "/api/v1/customers", Some("{"), 400, "VALIDATION_ERROR"),
            (Method::POST, "/api/v1/customers", Some("{} {}"), 400, "VALIDATION_ERROR"),
            (Method::POST, "/api/v1/customers", Some("[1]"), 400, "VALIDATION_ERROR"),
            (
                Method::POST,
                "/api/v1/customers",
                Some("{\"email\":\"a\\u0000@example.com\"}"),
                400,
                "INVALID_EMAIL_FORMAT",
            ),
        ];
        for (method, path, body, status, code) in cases {
            let answer = app.send(method.clone(), path, body.map(str::to_owned)).await;
            assert_eq!(answer.status.as_u16(), status, "{method} {path} {body:?}: {}", answer.text);
            let error = answer.json()["error"].clone();
            assert_eq!(error["code"], code, "{method} {path} {body:?}");
            assert_eq!(error["timestamp"], "2024-01-15T10:30:00Z");
            assert_eq!(error["request_id"], answer.headers["x-request-id"].to_str().unwrap());
        }
        let deep =
            format!("{{\"email\":\"a@example.com\",\"metadata\":{{\"a\":{}1{}}}}}", "[".repeat(200), "]".repeat(200));
        let answer = app.send(Method::POST, "/api/v1/customers", Some(deep)).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        let huge = format!("{{\"email\":\"a@example.com\",\"company\":\"{}\"}}", "x".repeat(300 * 1024));
        assert_eq!(app.send(Method::POST, "/api/v1/customers", Some(huge)).await.status, 413);
        let form = app
            .raw(|client, base| {
                client
                    .post(format!("{base}/api/v1/customers"))
                    .bearer_auth(&app.key)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body("email=a")
            })
            .await;
        assert_eq!(form.status, 415, "{}", form.text);
        let echoed =
            app.raw(|client, base| client.get(format!("{base}/health/live")).header("x-request-id", "my-own-id")).await;
        assert_eq!(echoed.headers["x-request-id"], "my-own-id");
        app.stop().await;
    })
    .await;
}
