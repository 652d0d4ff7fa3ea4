//! Subscriptions, as far as they are told to the fake. It renews nothing.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, refuse};
use super::objects::{NOW_S, Objects, flag, merge};
use super::params::text;

/// Seconds of a period; the fake knows no months.
const PERIOD_S: i64 = 30 * 86_400;

impl Objects {
    pub fn create_subscription(&mut self, fields: &Value) -> Outcome {
        let customer = self.get(text(fields, "customer").unwrap_or_default())?;
        let items = self.items(fields)?;
        let status = if fields["trial_end"].is_null() { "active" } else { "trialing" };
        let trial_end = text(fields, "trial_end").and_then(|at| at.parse::<i64>().ok());
        let metadata = if fields["metadata"].is_null() { json!({}) } else { fields["metadata"].clone() };
        Ok(self.new_object(
            "subscription",
            "sub",
            json!({
                "currency": "usd", "status": status, "customer": customer["id"], "items": {"object": "list", "data": items},
                "cancel_at_period_end": false, "canceled_at": null, "trial_end": trial_end, "metadata": metadata,
                "default_payment_method": fields["default_payment_method"], "latest_invoice": null
            }),
        ))
    }

    pub fn update_subscription(&mut self, id: &str, fields: &Value) -> Outcome {
        let mut subscription = self.living(id)?;
        if !fields["items"].is_null() {
            subscription["items"]["data"] = Value::Array(self.items(fields)?);
        }
        if !fields["cancel_at_period_end"].is_null() {
            subscription["cancel_at_period_end"] = flag(fields, "cancel_at_period_end");
        }
        if !fields["pause_collection"].is_null() {
            let pause = fields["pause_collection"].clone();
            subscription["pause_collection"] = if pause == "" { Value::Null } else { pause };
        }
        Ok(self.keep(subscription))
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

    fn items(&mut self, fields: &Value) -> Result<Vec<Value>, Box<Answer>> {
        let asked = fields["items"].as_array().cloned().unwrap_or_default();
        let mut items = Vec::new();
        for item in asked {
            let price = text(&item, "price").unwrap_or_default();
            if self.find(price).is_none() {
                return refuse(Answer::invalid("resource_missing", "items[0][price]", "No such price"));
            }
            let quantity: i64 = text(&item, "quantity").and_then(|text| text.parse().ok()).unwrap_or(1);
            items.push(json!({
                "id": self.next_id("si"), "object": "subscription_item", "price": {"id": price}, "quantity": quantity,
                "current_period_start": NOW_S, "current_period_end": NOW_S + PERIOD_S
            }));
        }
        Ok(items)
    }
}
