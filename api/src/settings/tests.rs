//! Are settings taken from where they should be, and wrong ones refused by name?

use super::*;

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("daybook-settings-{}", store::ids::fresh()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn variables(data_dir: &Path, variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    let data_dir = data_dir.to_string_lossy();
    let all = variables.iter().copied().chain([("DAYBOOK_DATA_DIR", &*data_dir)]);
    all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn load(file: &str, given: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = folder();
    let path = folder.join("daybook.toml");
    std::fs::write(&path, file).unwrap();
    Settings::from_sources(&path, &variables(&folder, given)).map_err(|error| error.to_string())
}

#[test]
fn the_environment_wins_over_the_file() {
    let settings = load("listen = \"127.0.0.1:1\"", &[("DAYBOOK_LISTEN", "127.0.0.1:2")]).unwrap();
    assert_eq!(settings.listen.port(), 2);
}

#[test]
fn wrong_settings_are_refused_by_name() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case<'_>; 20] = [
        ("", &[("DAYBOOK_LISTEN", "nowhere")], "setting listen: expected an address"),
        ("", &[("DATABASE_URL", "mysql://x")], "setting database_url: expected sqlite://"),
        ("lisen = 1", &[], "lisen"),
        ("stripe_webhook_tolerance_s = 0", &[], "setting stripe_webhook_tolerance_s: expected at least 1"),
        ("[tenants.bakery]", &[], "setting tenants.bakery: expected one of"),
        ("metrics_token = \"guess\"", &[], "setting metrics_token: expected at least 16"),
        ("stripe_webhook_secrets = [\"\"]", &[], "setting stripe_webhook_secrets: expected secrets"),
        ("master_key = \"short\"", &[], "setting master_key: expected 64 hexadecimal digits"),
        (
            "[tenants.coaching]\nprocessor = \"stripe\"",
            &[],
            "setting tenants.coaching.stripe_secret_key: expected a secret key of Stripe, since",
        ),
        (
            "",
            &[("DAYBOOK_TENANTS_COACHING_PROCESSOR", "stripe")],
            "setting tenants.coaching.stripe_secret_key: expected a secret key of Stripe, since",
        ),
        ("[tenants.coaching]\nprocessor = \"Strip\"", &[], "setting tenants.coaching.processor: expected sandbox or"),
        ("[tenants.coaching]\nprocesor = \"stripe\"", &[], "procesor"),
        ("", &[("DAYBOOK_TENANTS_BAKERY_PROCESSOR", "stripe")], "tenants_bakery_processor"),
        (
            "[tenants.skincare]\nstripe_secret_key = \"\"",
            &[],
            "setting tenants.skincare.stripe_secret_key: expected sk_",
        ),
        (
            "[tenants.skincare]\nstripe_secret_key = \"pk_test_1\"",
            &[],
            "setting tenants.skincare.stripe_secret_key: expected sk_",
        ),
        (
            "[tenants.skincare]\nstripe_secret_key = \"sk_test_1\"\nstripe_base_url = \"api.stripe.com\"",
            &[],
            "setting tenants.skincare.stripe_base_url: expected https://",
        ),
        (
            "[tenants.skincare]\nstripe_secret_key = \"sk_live_1\"\nstripe_base_url = \"http://stripe.example\"",
            &[],
            "setting tenants.skincare.stripe_base_url: expected https, since the key is a live one",
        ),
        (
            "[tenants.skincare]\nstripe_base_url = \"http://127.0.0.1:1\"",
            &[],
            "setting tenants.skincare.stripe_base_url: expected none without",
        ),
        (
            "[tenants.skincare]\nstripe_patience_s = 5",
            &[],
            "setting tenants.skincare.stripe_patience_s: expected none without",
        ),
        (
            "[tenants.skincare]\nstripe_secret_key = \"sk_test_1\"\nstripe_timeout_s = 0",
            &[],
            "setting tenants.skincare.stripe_timeout_s: expected 1 to 300 seconds",
        ),
    ];
    for (file, variables, expected) in cases {
        let message = load(file, variables).unwrap_err();
        assert!(message.contains(expected), "{message:?} should contain {expected:?}");
    }
}

#[test]
fn a_tenants_own_webhook_secret_comes_before_the_shared_one() {
    let file = "[tenants.coaching]\nstripe_webhook_secrets = [\"whsec_own\"]";
    let settings = load(file, &[("STRIPE_WEBHOOK_SECRET", "whsec_all")]).unwrap();
    let secrets = |tenant: &str| settings.tenants[&TenantId::parse(tenant).unwrap()].stripe_webhook_secrets.clone();
    assert_eq!(secrets("coaching"), ["whsec_own", "whsec_all"]);
    assert_eq!(secrets("education"), ["whsec_all"]);
}

#[test]
fn each_tenant_has_its_own_processor_and_account() {
    let file = "[tenants.coaching]\nprocessor = \"stripe\"\nstripe_secret_key = \"sk_test_file\"";
    let given = [
        ("DAYBOOK_TENANTS_COACHING_STRIPE_SECRET_KEY", "sk_test_environment"),
        ("DAYBOOK_TENANTS_COACHING_STRIPE_BASE_URL", "http://127.0.0.1:9"),
        ("DAYBOOK_TENANTS_COACHING_STRIPE_TIMEOUT_S", "30"),
        ("DAYBOOK_TENANTS_EDUCATION_STRIPE_SECRET_KEY", "rk_live_restricted"),
        ("DAYBOOK_TENANTS_EDUCATION_STRIPE_WEBHOOK_SECRETS", "whsec_one, whsec_two"),
    ];
    let settings = load(file, &given).unwrap();
    let tenant = |name: &str| settings.tenants[&TenantId::parse(name).unwrap()].clone();
    let account = |name: &str| {
        let account = tenant(name).stripe?;
        Some((account.secret_key.expose().to_owned(), account.base_url.to_string(), account.timeout.as_secs()))
    };
    let some = |key: &str, url: &str, timeout_s| Some((key.to_owned(), url.to_owned(), timeout_s));
    assert_eq!(tenant("coaching").processor, Processor::Stripe);
    assert_eq!(account("coaching"), some("sk_test_environment", "http://127.0.0.1:9/", 30));
    assert_eq!(tenant("education").processor, Processor::Sandbox);
    assert_eq!(account("education"), some("rk_live_restricted", "https://api.stripe.com/", 60));
    assert_eq!(tenant("education").stripe_webhook_secrets, ["whsec_one", "whsec_two"]);
    assert_eq!((tenant("skincare").processor, account("skincare")), (Processor::Sandbox, None));
    let shown = format!("{settings:?}");
    assert!(!shown.contains("sk_test_environment") && !shown.contains("rk_live_restricted"), "{shown}");
}

const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// Read as a server does, then as whoever only looks; each into a folder of its own.
#[test]
fn secrets_are_made_for_a_server_that_lacks_one_and_for_nobody_else() {
    let all = [
        ("DAYBOOK_MASTER_KEY", KEY),
        ("DAYBOOK_JWT_SECRET", "sixteen characters"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_all"),
    ];
    let no_file = Path::new("no-such-daybook.toml");
    for (given, made, looked) in [(&all[..0], true, None), (&all[1..], true, None), (&all[..], false, Some([7; 32]))] {
        let folder = folder();
        let server = Settings::from_sources(no_file, &variables(&folder, given)).unwrap();
        assert_eq!(folder.join("secrets.toml").exists(), made, "{given:?}");
        let again = LedgerSettings::from_sources(no_file, &variables(&folder, given)).unwrap();
        assert_eq!(again.master_key, server.secrets.master_key, "{given:?}");

        let folder = self::folder();
        let found = LedgerSettings::from_sources(no_file, &variables(&folder, given));
        let found = found.map(|settings| settings.master_key).map_err(|error| error.to_string());
        assert!(!folder.join("secrets.toml").exists(), "{given:?}");
        if let Some(key) = looked {
            assert_eq!(found, Ok(key));
        } else {
            let message = found.unwrap_err();
            assert!(message.contains("setting master_key: expected the key of this ledger"), "{message}");
        }
    }
}
