//! Which migrations there are, in order. A new file is one line in each list, and nothing else.

use super::Script;

pub const POSTGRES: &[Script] = &[
    Script::new(1, "log", include_str!("../postgres/0001_log.sql")),
    Script::new(2, "read models", include_str!("../postgres/0002_read_models.sql")),
    Script::new(3, "mrr", include_str!("../postgres/0003_mrr.sql")),
    // Read models follow here, from 10.
];

pub const SQLITE: &[Script] = &[
    Script::new(1, "log", include_str!("../sqlite/0001_log.sql")),
    Script::new(2, "read models", include_str!("../sqlite/0002_read_models.sql")),
    Script::new(3, "mrr", include_str!("../sqlite/0003_mrr.sql")),
    // Read models follow here, from 10.
];
