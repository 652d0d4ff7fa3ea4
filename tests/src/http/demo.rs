//! Is a demo that was stopped half-way taken for a whole one?

use std::path::Path;

use api::app::App;
use api::demo::prepare;
use api::settings::Settings;
use store::Options;

use crate::support::on_both_engines;

async fn open(url: &str, folder: &Path) -> App {
    let variables = [("DATABASE_URL", url), ("DAYBOOK_DATA_DIR", &folder.to_string_lossy())]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = Settings::from_sources(Path::new("no-such-daybook.toml"), &variables.into()).unwrap();
    App::open(settings, Options::new([7; 32])).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_was_broken_off_is_refused_and_says_what_to_delete() {
    on_both_engines(|url| async move {
        let folder = testbed::temp_dir().unwrap();
        let app = open(&url, folder.path()).await;
        // Dropped where it stands, as a killed process is: nothing of it is tidied up.
        let mut head = app.ledger.watch();
        tokio::select! {
            done = prepare(&app) => panic!("the demo is done already: {done:?}"),
            some = head.wait_for(|position| *position > 300) => drop(some.unwrap()),
        }
        app.ledger.shutdown().await;

        let again = open(&url, folder.path()).await;
        let before = again.ledger.head().await.unwrap();
        let refused = prepare(&again).await.unwrap_err().to_string();
        let expected = match url.strip_prefix("sqlite://") {
            Some(file) => format!("Delete {file}, {file}-wal and {file}-shm"),
            None => "Drop the database that DATABASE_URL names".to_owned(),
        };
        assert!(refused.contains(&expected), "{refused}");
        assert_eq!(again.ledger.head().await.unwrap(), before);
        again.ledger.shutdown().await;
    })
    .await;
}
