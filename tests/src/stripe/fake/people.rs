//! Customers and their payment methods.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, refuse};
use super::objects::{Objects, merge, page};
use super::params::text;

impl Objects {
    pub fn create_customer(&mut self, fields: &Value) -> Value {
        let mut customer = self.new_object("customer", "cus", json!({"balance": 0, "metadata": {}}));
        merge(&mut customer, fields.clone());
        self.keep(customer)
    }

    pub fn update_customer(&mut self, id: &str, fields: &Value) -> Outcome {
        let mut customer = self.get(id)?;
        merge(&mut customer, fields.clone());
        Ok(self.keep(customer))
    }

    /// Attaching one of the cards for tests makes a payment method that behaves like it.
    pub fn attach(&mut self, id: &str, fields: &Value) -> Outcome {
        let customer = text(fields, "customer").unwrap_or_default().to_owned();
        self.get(&customer)?;
        if let Some(mut known) = self.find(id).cloned() {
            known["customer"] = Value::from(customer);
            return Ok(self.keep(known));
        }
        if !id.starts_with("pm_card_") {
            return refuse(Answer::missing(id));
        }
        Ok(self.new_object(
            "payment_method",
            "pm",
            json!({
                "type": "card", "customer": customer, "behaves_as": id,
                "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "funding": "credit"}
            }),
        ))
    }

    pub fn detach(&mut self, id: &str) -> Outcome {
        let mut method = self.get(id)?;
        if method["customer"].is_null() {
            return refuse(Answer::invalid("payment_method_not_attached", "payment_method", "It is not attached."));
        }
        method["customer"] = Value::Null;
        Ok(self.keep(method))
    }

    pub fn payment_methods_of(&self, customer: &str, query: &Value) -> Value {
        page(self.with("payment_method", "customer", Some(customer)), query)
    }
}
