//! Which migrations there are, in order. A new file is one line in each list, and nothing else.

use super::Script;

pub const POSTGRES: &[Script] = &[
    Script::new(1, "log", include_str!("../postgres/0001_log.sql")),
    Script::new(2, "read models", include_str!("../postgres/0002_read_models.sql")),
    Script::new(3, "mrr", include_str!("../postgres/0003_mrr.sql")),
    // Read models follow here, from 10.
    Script::new(10, "catalogue", include_str!("../postgres/0010_catalogue.sql")),
    Script::new(12, "timers", include_str!("../postgres/0012_timers.sql")),
    Script::new(13, "messages", include_str!("../postgres/0013_messages.sql")),
    Script::new(14, "journal", include_str!("../postgres/0014_journal.sql")),
    Script::new(15, "credit notes", include_str!("../postgres/0015_credit_notes.sql")),
    Script::new(16, "message personalization", include_str!("../shared/0016_message_personalization.sql")),
];

pub const SQLITE: &[Script] = &[
    Script::new(1, "log", include_str!("../sqlite/0001_log.sql")),
    Script::new(2, "read models", include_str!("../sqlite/0002_read_models.sql")),
    Script::new(3, "mrr", include_str!("../sqlite/0003_mrr.sql")),
    // Read models follow here, from 10.
    Script::new(10, "catalogue", include_str!("../sqlite/0010_catalogue.sql")),
    Script::new(12, "timers", include_str!("../sqlite/0012_timers.sql")),
    Script::new(13, "messages", include_str!("../sqlite/0013_messages.sql")),
    Script::new(14, "journal", include_str!("../sqlite/0014_journal.sql")),
    Script::new(15, "credit notes", include_str!("../sqlite/0015_credit_notes.sql")),
    Script::new(16, "message personalization", include_str!("../shared/0016_message_personalization.sql")),
];
