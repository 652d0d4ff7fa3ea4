//! Questions about credit notes.

use sqlx::AnyPool;

use super::row::CreditNoteRow;
use crate::page::{Direction, Page, PageRequest};
use crate::query::{ListError, number, rows};

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[(&str, &str)] =
    &[("credit_notes::COUNT", COUNT), ("credit_notes::NEWEST", NEWEST), ("credit_notes::OLDEST", OLDEST)];

/// A tenant's credit notes, of one customer where one is named, the newest first.
pub async fn list_credit_notes(
    pool: &AnyPool,
    tenant: &str,
    customer_id: Option<&str>,
    request: &PageRequest,
) -> Result<Page<CreditNoteRow>, ListError> {
    let start = request.start("position:desc", Direction::Desc)?;
    let total = number(pool, sqlx::query(COUNT).bind(tenant).bind(customer_id)).await?;
    let statement = match start.direction {
        Direction::Desc => NEWEST,
        Direction::Asc => OLDEST,
    };
    let statement = sqlx::query(statement)
        .bind(tenant)
        .bind(customer_id)
        .bind(start.value)
        .bind(start.id.as_str())
        .bind(start.limit)
        .bind(start.offset);
    let found = rows::<CreditNoteRow>(pool, statement).await?;
    Ok(start.finish(found, total, |row| (row.created_position, row.credit_note_id.clone())))
}

const COUNT: &str = "\
    SELECT COUNT(*) FROM credit_notes WHERE tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR customer_id = $2)";

const NEWEST: &str = "\
    SELECT tenant, credit_note_id, number, invoice_id, customer_id, currency, subtotal_minor, discount_minor, \
    tax_minor, total_minor, before_payment_minor, refund_minor, to_balance_minor, refund_id, issued_at, voided_at, \
    created_position, position FROM credit_notes \
    WHERE tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR customer_id = $2) \
    AND (created_position, credit_note_id) < ($3, $4) ORDER BY created_position DESC, credit_note_id DESC LIMIT $5 OFFSET $6";

const OLDEST: &str = "\
    SELECT tenant, credit_note_id, number, invoice_id, customer_id, currency, subtotal_minor, discount_minor, \
    tax_minor, total_minor, before_payment_minor, refund_minor, to_balance_minor, refund_id, issued_at, voided_at, \
    created_position, position FROM credit_notes \
    WHERE tenant = $1 AND (CAST($2 AS TEXT) IS NULL OR customer_id = $2) \
    AND (created_position, credit_note_id) > ($3, $4) ORDER BY created_position, credit_note_id LIMIT $5 OFFSET $6";
