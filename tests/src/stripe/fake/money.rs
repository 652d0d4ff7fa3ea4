//! What moves money: payment intents, invoices that are paid, refunds. A card does what its name says.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, refuse};
use super::objects::{Charge, Objects, Refunded, merge};
use super::params::{is_true, text, whole};

impl Objects {
    pub fn create_intent(&mut self, fields: &Value) -> Outcome {
        let amount_minor = whole(fields, "amount").unwrap_or_default();
        if amount_minor < 1 {
            return refuse(Answer::invalid("parameter_invalid_integer", "amount", "This value must be at least 1."));
        }
        if let Some(customer) = text(fields, "customer") {
            self.get(customer)?;
        }
        let metadata = if fields["metadata"].is_null() { json!({}) } else { fields["metadata"].clone() };
        let intent = self.new_object(
            "payment_intent",
            "pi",
            json!({
                "status": "requires_payment_method", "amount": amount_minor, "amount_received": 0,
                "currency": fields["currency"], "customer": fields["customer"], "latest_charge": null,
                "payment_method": fields["payment_method"], "last_payment_error": null, "metadata": metadata
            }),
        );
        if is_true(fields, "confirm") { self.charge(intent) } else { Ok(intent) }
    }

    pub fn confirm_intent(&mut self, id: &str, fields: &Value) -> Outcome {
        let mut intent = self.get(id)?;
        if intent["status"] == "succeeded" {
            let message = "This PaymentIntent has already succeeded.";
            return refuse(Answer::error(400, "invalid_request_error", "payment_intent_unexpected_state", message));
        }
        if text(fields, "payment_method").is_some() {
            intent["payment_method"] = fields["payment_method"].clone();
        }
        self.charge(intent)
    }

    pub fn pay_invoice(&mut self, id: &str, fields: &Value) -> Outcome {
        let mut invoice = self.get(id)?;
        if !["open", "uncollectible"].contains(&invoice["status"].as_str().unwrap_or_default()) {
            let message = format!("Invoice is already {}", invoice["status"]);
            return refuse(Answer::error(400, "invalid_request_error", "invoice_not_payable", &message));
        }
        let due_minor = invoice["amount_remaining"].as_i64().unwrap_or_default();
        if !is_true(fields, "paid_out_of_band") {
            let attempts = invoice["attempt_count"].as_i64().unwrap_or_default() + 1;
            merge(&mut invoice, json!({"attempt_count": attempts}));
            self.keep(invoice.clone());
            let own = [&fields["payment_method"], &invoice["default_payment_method"]];
            let method = own.into_iter().find(|method| method.is_string()).cloned();
            let intent = self.new_object(
                "payment_intent",
                "pi",
                json!({
                    "status": "requires_payment_method", "amount": due_minor, "amount_received": 0,
                    "currency": invoice["currency"], "customer": invoice["customer"], "payment_method": method,
                    "last_payment_error": null, "latest_charge": null
                }),
            );
            merge(&mut invoice, paid_by(id, "open", 0, &intent["id"]));
            self.keep(invoice.clone());
            let intent = self.charge(intent)?;
            merge(&mut invoice, paid_by(id, "paid", due_minor, &intent["id"]));
        }
        merge(&mut invoice, json!({"status": "paid", "amount_paid": due_minor, "amount_remaining": 0}));
        Ok(self.keep(invoice))
    }

    pub fn finalize_invoice(&mut self, id: &str) -> Outcome {
        let number = format!("FAKE-{id}");
        self.move_invoice(id, &["draft"], json!({"status": "open", "number": number}))
    }

    pub fn void_invoice(&mut self, id: &str) -> Outcome {
        self.move_invoice(id, &["open", "uncollectible"], json!({"status": "void", "amount_remaining": 0}))
    }

    fn move_invoice(&mut self, id: &str, from: &[&str], change: Value) -> Outcome {
        let mut invoice = self.get(id)?;
        if !from.contains(&invoice["status"].as_str().unwrap_or_default()) {
            let message = format!("Invoice is {}", invoice["status"]);
            return refuse(Answer::error(400, "invalid_request_error", "invoice_not_editable", &message));
        }
        merge(&mut invoice, change);
        Ok(self.keep(invoice))
    }

    pub fn create_refund(&mut self, fields: &Value) -> Outcome {
        let payment = text(fields, "payment_intent").unwrap_or_default().to_owned();
        let intent = self.get(&payment)?;
        let of_payment = |refund: &&Refunded| refund.payment == payment;
        let back_minor: i64 = self.refunds.iter().filter(of_payment).map(|refund| refund.amount_minor).sum();
        let left_minor = intent["amount_received"].as_i64().unwrap_or_default() - back_minor;
        let amount_minor = whole(fields, "amount").unwrap_or(left_minor);
        if left_minor == 0 {
            let message = "The charge has already been refunded.";
            return refuse(Answer::error(400, "invalid_request_error", "charge_already_refunded", message));
        }
        if amount_minor > left_minor {
            return refuse(Answer::invalid("", "amount", "Refund amount is greater than the unrefunded amount."));
        }
        let metadata = if fields["metadata"].is_null() { json!({}) } else { fields["metadata"].clone() };
        let refund = self.new_object("refund", "re", json!({
            "status": "succeeded", "amount": amount_minor, "currency": intent["currency"], "payment_intent": payment,
            "charge": intent["latest_charge"], "metadata": metadata
        }));
        let id = refund["id"].as_str().expect("an id").to_owned();
        self.refunds.push(Refunded { id, amount_minor, payment });
        Ok(refund)
    }

    /// Asks the card of an intent.
    fn charge(&mut self, mut intent: Value) -> Outcome {
        let Some(method) = text(&intent, "payment_method").map(str::to_owned) else {
            return refuse(Answer::invalid("parameter_missing", "payment_method", "There is nothing to charge."));
        };
        let card = self.find(&method).map_or(&*method, |known| known["behaves_as"].as_str().unwrap_or_default());
        let card = Card::of(card).ok_or_else(|| Box::new(Answer::missing(&method)))?;
        self.charge_attempts += 1;
        if let Card::Declines(code, decline_code) = card {
            let mut answer = Answer::error(402, "card_error", code, "Your card was declined.");
            let status = if code == "authentication_required" { "requires_action" } else { "requires_payment_method" };
            let error = json!({"code": code, "decline_code": decline_code});
            merge(&mut intent, json!({"status": status, "last_payment_error": error}));
            answer.body["error"]["decline_code"] = Value::from(decline_code);
            answer.body["error"]["payment_intent"] = self.keep(intent);
            return refuse(answer);
        }
        let charge = self.next_id("ch");
        let amount_minor = intent["amount"].as_i64().unwrap_or_default();
        let payment = intent["id"].as_str().expect("an id").to_owned();
        self.charges.push(Charge { id: charge.clone(), amount_minor, payment });
        merge(
            &mut intent,
            json!({
                "status": "succeeded", "amount_received": amount_minor, "latest_charge": charge, "last_payment_error": null
            }),
        );
        Ok(self.keep(intent))
    }
}

/// How an invoice shows the payment that it was tried with.
fn paid_by(invoice: &str, status: &str, amount_paid_minor: i64, intent: &Value) -> Value {
    json!({"payments": {"object": "list", "has_more": false, "data": [{
        "id": format!("inpay_{invoice}"), "object": "invoice_payment", "invoice": invoice, "status": status,
        "is_default": true, "amount_paid": amount_paid_minor,
        "payment": {"type": "payment_intent", "payment_intent": intent}
    }]}})
}

/// What a card for tests does.
enum Card {
    Pays,
    /// With a code and a decline code.
    Declines(&'static str, &'static str),
}

impl Card {
    fn of(name: &str) -> Option<Self> {
        match name {
            "pm_card_visa" => Some(Self::Pays),
            "pm_card_chargeDeclined" => Some(Self::Declines("card_declined", "generic_decline")),
            "pm_card_chargeDeclinedInsufficientFunds" => Some(Self::Declines("card_declined", "insufficient_funds")),
            "pm_card_chargeDeclinedLostCard" => Some(Self::Declines("card_declined", "lost_card")),
            "pm_card_chargeDeclinedExpiredCard" => Some(Self::Declines("expired_card", "expired_card")),
            "pm_card_chargeDeclinedProcessingError" => Some(Self::Declines("processing_error", "processing_error")),
            "pm_card_authenticationRequired" => {
                Some(Self::Declines("authentication_required", "authentication_required"))
            }
            _ => None,
        }
    }
}
