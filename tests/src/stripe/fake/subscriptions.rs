//! Subscriptions, as far as they are told to the fake: what they begin with is invoiced and charged, and so is a change that
//! says so. It renews nothing.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, refuse};
use super::objects::{NOW_S, Objects, flag, merge, named};
use super::params::{is_true, text, whole};

/// Seconds of a period; the fake knows no months.
const PERIOD_S: i64 = 30 * DAY_S;
const DAY_S: i64 = 86_400;

impl Objects {
    pub fn create_subscription(&mut self, fields: &Value) -> Outcome {
        let customer = self.get(text(fields, "customer").unwrap_or_default())?;
        let method = self.method_for(&customer, fields)?;
        let items = self.items(fields, Vec::new())?;
        let discounts = self.discounts(fields)?;
        let trial_s = whole(fields, "trial_period_days").map(|days| NOW_S + days * DAY_S);
        let trial_end = trial_s.or_else(|| whole(fields, "trial_end"));
        let sends = text(fields, "collection_method") == Some("send_invoice");
        if method.is_none() && trial_end.is_none() && !sends {
            let message = "This customer has no attached payment source or default payment method.";
            return refuse(Answer::error(400, "invalid_request_error", "resource_missing", message));
        }
        let due_minor = if trial_end.is_some() { 0 } else { reduced(total(&items), &discounts) };
        let subscription = self.new_object(
            "subscription",
            "sub",
            json!({
                "currency": items.first().map(|item| item["price"]["currency"].clone()), "start_date": NOW_S,
                "status": if trial_end.is_none() { "active" } else { "trialing" }, "customer": customer["id"],
                "items": {"object": "list", "data": items}, "discounts": discounts, "cancel_at_period_end": false,
                "canceled_at": null, "trial_start": trial_end.map(|_| NOW_S), "trial_end": trial_end,
                "metadata": named(&Value::Null, fields), "default_payment_method": fields["default_payment_method"],
                "collection_method": fields["collection_method"], "pause_collection": null, "latest_invoice": null
            }),
        );
        Ok(self.bill(subscription, due_minor, "subscription_create", method.as_deref()))
    }

    pub fn update_subscription(&mut self, id: &str, fields: &Value) -> Outcome {
        let mut subscription = self.living(id)?;
        let customer = self.get(text(&subscription, "customer").unwrap_or_default())?;
        let method = self.method_for(&customer, fields)?;
        let before = subscription["items"]["data"].as_array().cloned().unwrap_or_default();
        let mut due_minor = 0;
        if !fields["items"].is_null() {
            let items = self.items(fields, before.clone())?;
            due_minor = total(&items) - total(&before);
            subscription["items"]["data"] = Value::Array(items);
        }
        for field in ["default_payment_method", "pause_collection"] {
            if !fields[field].is_null() {
                subscription[field] = if fields[field] == "" { Value::Null } else { fields[field].clone() };
            }
        }
        if let Some(resumes_at) = whole(&fields["pause_collection"], "resumes_at") {
            subscription["pause_collection"]["resumes_at"] = Value::from(resumes_at);
        }
        if !fields["cancel_at_period_end"].is_null() {
            subscription["cancel_at_period_end"] = flag(fields, "cancel_at_period_end");
        }
        subscription["metadata"] = named(&subscription, fields);
        self.keep(subscription.clone());
        let invoices = text(fields, "proration_behavior") == Some("always_invoice") && due_minor > 0;
        Ok(if invoices {
            self.bill(subscription, due_minor, "subscription_update", method.as_deref())
        } else {
            subscription
        })
    }

    pub fn resume_subscription(&mut self, id: &str) -> Outcome {
        let mut subscription = self.living(id)?;
        merge(&mut subscription, json!({"status": "active"}));
        Ok(self.keep(subscription))
    }

    pub fn cancel_subscription(&mut self, id: &str) -> Outcome {
        let mut subscription = self.living(id)?;
        merge(&mut subscription, json!({"status": "canceled", "canceled_at": NOW_S}));
        Ok(self.keep(subscription))
    }

    /// One that is canceled is not there any more for changes.
    fn living(&self, id: &str) -> Outcome {
        let subscription = self.get(id)?;
        if subscription["status"] == "canceled" { refuse(Answer::missing(id)) } else { Ok(subscription) }
    }

    /// Invoices, and charges what there is to charge. A card that says no to the first invoice leaves the subscription
    /// incomplete.
    fn bill(&mut self, mut subscription: Value, due_minor: i64, reason: &str, method: Option<&str>) -> Value {
        let id = self.add_invoice(due_minor, if due_minor > 0 { "open" } else { "paid" });
        let mut invoice = self.find(&id).cloned().unwrap_or_default();
        merge(
            &mut invoice,
            json!({
                "customer": subscription["customer"], "billing_reason": reason, "default_payment_method": method,
                "parent": {"type": "subscription_details", "subscription_details": {"subscription": subscription["id"]}}
            }),
        );
        self.keep(invoice);
        subscription["latest_invoice"] = Value::from(id.clone());
        let pays = due_minor > 0 && text(&subscription, "collection_method") != Some("send_invoice");
        if pays && self.pay_invoice(&id, &Value::Null).is_err() {
            let failed = if reason == "subscription_create" { "incomplete" } else { "past_due" };
            subscription["status"] = Value::from(failed);
        }
        self.keep(subscription)
    }

    /// The card that is charged: the subscription's own, which has to be its customer's, else the customer's.
    fn method_for(&self, customer: &Value, fields: &Value) -> Result<Option<String>, Box<Answer>> {
        let own = text(fields, "default_payment_method");
        let is_own = |id: &str| self.find(id).is_some_and(|method| method["customer"] == customer["id"]);
        match own {
            Some(id) if !is_own(id) => {
                refuse(Answer::invalid("resource_missing", "default_payment_method", "No such PaymentMethod"))
            }
            Some(id) => Ok(Some(id.to_owned())),
            None => Ok(text(&customer["invoice_settings"], "default_payment_method").map(str::to_owned)),
        }
    }

    fn discounts(&self, fields: &Value) -> Result<Vec<Value>, Box<Answer>> {
        let asked = fields["discounts"].as_array().cloned().unwrap_or_default();
        let discount = |asked: &Value| {
            let coupon = self.find(text(asked, "coupon").unwrap_or_default()).cloned();
            let missing = || Box::new(Answer::invalid("resource_missing", "discounts[0][coupon]", "No such coupon"));
            let source = json!({"type": "coupon", "coupon": coupon.ok_or_else(missing)?});
            Ok(json!({"id": "di_1", "object": "discount", "source": source, "start": NOW_S, "end": null}))
        };
        asked.iter().map(discount).collect()
    }

    /// The items after a request: those with an id are changed or taken away, others added.
    fn items(&mut self, fields: &Value, mut items: Vec<Value>) -> Result<Vec<Value>, Box<Answer>> {
        let asked = fields["items"].as_array().cloned().unwrap_or_default();
        for item in asked {
            let place = text(&item, "id").map(|id| items.iter().position(|known| known["id"] == id));
            if place == Some(None) {
                return refuse(Answer::invalid("resource_missing", "items[0][id]", "No such item"));
            }
            let place = place.flatten();
            if let Some(place) = place.filter(|_| is_true(&item, "deleted")) {
                items.remove(place);
                continue;
            }
            let mut changed = place.map_or_else(
                || {
                    json!({
                        "id": self.next_id("si"), "object": "subscription_item", "quantity": 1,
                        "current_period_start": NOW_S, "current_period_end": NOW_S + PERIOD_S
                    })
                },
                |place| items[place].clone(),
            );
            if let Some(price) = text(&item, "price").or(if place.is_none() { Some("") } else { None }) {
                let missing = || Box::new(Answer::invalid("resource_missing", "items[0][price]", "No such price"));
                changed["price"] = self.find(price).cloned().ok_or_else(missing)?;
            }
            if let Some(quantity) = whole(&item, "quantity") {
                changed["quantity"] = Value::from(quantity);
            }
            match place {
                Some(place) => items[place] = changed,
                None => items.push(changed),
            }
        }
        Ok(items)
    }
}

/// What the items come to for a period.
fn total(items: &[Value]) -> i64 {
    let amount = |item: &Value| {
        let price = &item["price"];
        let unit = text(price, "unit_amount_decimal").and_then(|text| text.parse().ok());
        let unit = unit.or_else(|| price["unit_amount"].as_i64()).unwrap_or_default();
        unit * item["quantity"].as_i64().unwrap_or(1)
    };
    items.iter().map(amount).sum()
}

/// With whole percents taken off.
fn reduced(total_minor: i64, discounts: &[Value]) -> i64 {
    let percent = |discount: &Value| whole(&discount["source"]["coupon"], "percent_off").unwrap_or_default();
    total_minor - total_minor * discounts.iter().map(percent).sum::<i64>() / 100
}
