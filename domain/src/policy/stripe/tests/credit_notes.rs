//! Credit notes in the shapes they had: with one side or both, with the refund named, listed or expanded.

use serde_json::{Value, json};

use super::{CREATED, at, event, fact, reason, streams, with};
use crate::command::Command;
use crate::invoice::{InvoiceCommand, ReportedNote};
use crate::money::Currency;

fn object(extra: &Value) -> Value {
    let note = json!({
        "id": "cn_1", "object": "credit_note", "invoice": "in_1", "customer": "cus_1", "currency": "usd",
        "created": CREATED - 60, "number": "ABCD-0001-CN-01", "status": "issued", "total": 4_950, "amount": 4_950,
        "memo": "For Ada, with apologies", "reason": "order_change"
    });
    with(&note, extra)
}

fn issued() -> ReportedNote {
    ReportedNote {
        id: "cn_1".to_owned(),
        number: Some("ABCD-0001-CN-01".to_owned()),
        currency: Currency::USD,
        issued_at: at(CREATED - 60),
        voided_at: None,
        tax_minor: 0,
        before_payment_minor: 0,
        refund_minor: 0,
        refund: None,
        to_balance_minor: 0,
        out_of_band_minor: 0,
    }
}

fn check(kind: &str, extra: &Value, phase: u8, expected: &ReportedNote) {
    let Command::Invoice(id, InvoiceCommand::ReportNote { stamp, note, .. }) = fact(&event(kind, &object(extra)))
    else {
        panic!("no note: {extra}");
    };
    assert_eq!((id.as_str(), stamp.phase, &note), ("in_1", phase, expected), "{extra}");
}

#[test]
fn what_was_owed_and_what_was_paid_are_told_apart() {
    let refund = Some("re_1".to_owned());
    let cases = [
        (json!({"type": "pre_payment"}), ReportedNote { before_payment_minor: 4_950, ..issued() }),
        (json!({"type": "post_payment"}), ReportedNote { to_balance_minor: 4_950, ..issued() }),
        (
            json!({"type": "post_payment", "refund": "re_1"}),
            ReportedNote { refund_minor: 4_950, refund: refund.clone(), ..issued() },
        ),
        (
            json!({"type": "post_payment", "refund": {"id": "re_1", "amount": 4_000}, "out_of_band_amount": 450}),
            ReportedNote {
                refund_minor: 4_000,
                refund: refund.clone(),
                to_balance_minor: 500,
                out_of_band_minor: 450,
                ..issued()
            },
        ),
        (
            json!({"type": "post_payment", "refund": "re_1", "customer_balance_transaction": {"id": "cbtxn_1", "amount": -950}}),
            ReportedNote { refund_minor: 4_000, refund: refund.clone(), to_balance_minor: 950, ..issued() },
        ),
        (
            json!({
                "type": "mixed", "pre_payment_amount": 1_000, "post_payment_amount": 3_950, "out_of_band_amount": 0,
                "refunds": [{"amount_refunded": 2_000, "refund": "re_1"}, {"amount_refunded": 500, "refund": {"id": "re_2"}}],
                "total_taxes": [{"amount": 300}, {"amount": 150}]
            }),
            ReportedNote {
                tax_minor: 450,
                before_payment_minor: 1_000,
                refund_minor: 2_500,
                refund,
                to_balance_minor: 1_450,
                ..issued()
            },
        ),
        (
            json!({"type": "pre_payment", "tax_amounts": [{"amount": 450}]}),
            ReportedNote { tax_minor: 450, before_payment_minor: 4_950, ..issued() },
        ),
        (
            json!({"type": "pre_payment", "total_excluding_tax": 4_500}),
            ReportedNote { tax_minor: 450, before_payment_minor: 4_950, ..issued() },
        ),
    ];
    for (extra, expected) in cases {
        check("credit_note.created", &extra, 0, &expected);
        let voided = ReportedNote { voided_at: Some(at(CREATED)), ..expected.clone() };
        check("credit_note.voided", &extra, 1, &voided);
        let extra = with(&extra, &json!({"status": "void", "voided_at": CREATED - 5}));
        check("credit_note.updated", &extra, 1, &ReportedNote { voided_at: Some(at(CREATED - 5)), ..expected });
    }
}

#[test]
fn a_note_names_its_customer_and_says_what_it_lacks() {
    let told = event("credit_note.created", &object(&json!({"type": "pre_payment"})));
    assert_eq!(streams(&told), ["mention cus_1", "invoice in_1"]);
    let cases = [
        (json!({"invoice": null}), "the credit note has no usable `invoice`"),
        (json!({"total": null, "amount": null}), "the credit note has no usable `total`"),
        (json!({"currency": "xyz"}), "the credit note has no usable `currency`"),
        (json!({"id": null}), "the credit note has no usable `id`"),
    ];
    for (extra, expected) in cases {
        assert_eq!(reason(&event("credit_note.created", &object(&extra))), expected);
    }
}
