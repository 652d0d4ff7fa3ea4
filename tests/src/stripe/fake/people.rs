//! Customers and their payment methods.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, refuse};
use super::objects::{Objects, named, page};
use super::params::{text, whole};

impl Objects {
    /// A payment method that comes with the customer is attached first.
    pub fn create_customer(&mut self, fields: &Value) -> Outcome {
        if let Some(method) = text(fields, "payment_method").filter(|method| !is_a_card(method))
            && self.find(method).is_none()
        {
            return refuse(Answer::invalid("resource_missing", "payment_method", "No such PaymentMethod"));
        }
        let mut customer = self.new_object("customer", "cus", json!({"balance": 0, "metadata": {}}));
        let id = customer["id"].clone();
        tell(&mut customer, fields);
        self.keep(customer.clone());
        if let Some(method) = text(fields, "payment_method") {
            let method = self.attach(method, &json!({"customer": id}))?;
            customer["invoice_settings"] = json!({"default_payment_method": method["id"]});
        }
        Ok(self.keep(customer))
    }

    pub fn update_customer(&mut self, id: &str, fields: &Value) -> Outcome {
        let mut customer = self.get(id)?;
        if let Some(method) = text(&fields["invoice_settings"], "default_payment_method") {
            if self.get(method)?["customer"] != id {
                let param = "invoice_settings[default_payment_method]";
                return refuse(Answer::invalid("resource_missing", param, "It is not the customer's."));
            }
            customer["invoice_settings"] = fields["invoice_settings"].clone();
        }
        tell(&mut customer, fields);
        Ok(self.keep(customer))
    }

    /// The newest first, of this address and not older than asked for.
    pub fn customers_since(&self, query: &Value) -> Value {
        let since = whole(&query["created"], "gte").unwrap_or(i64::MIN);
        let mut found = self.with("customer", "email", text(query, "email"));
        found.retain(|customer| customer["created"].as_i64() >= Some(since));
        page(found, query)
    }

    /// Attaching one of the cards for tests makes a payment method that behaves like it.
    pub fn attach(&mut self, id: &str, fields: &Value) -> Outcome {
        let customer = text(fields, "customer").unwrap_or_default().to_owned();
        self.get(&customer)?;
        if let Some(mut known) = self.find(id).cloned() {
            known["customer"] = Value::from(customer);
            return Ok(self.keep(known));
        }
        if !is_a_card(id) {
            return refuse(Answer::missing(id));
        }
        let mut method = self.add_method(id);
        method["customer"] = Value::from(customer);
        Ok(self.keep(method))
    }

    pub fn detach(&mut self, id: &str) -> Outcome {
        let mut method = self.get(id)?;
        if method["customer"].is_null() {
            return refuse(Answer::invalid("payment_method_not_attached", "payment_method", "It is not attached."));
        }
        method["customer"] = Value::Null;
        Ok(self.keep(method))
    }

    /// A card that was made in a browser, and is nobody's yet.
    pub fn add_method(&mut self, behaves_as: &str) -> Value {
        let card = json!({"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "funding": "credit"});
        let method = json!({"type": "card", "customer": null, "behaves_as": behaves_as, "card": card});
        self.new_object("payment_method", "pm", method)
    }

    pub fn payment_methods_of(&self, customer: &str, query: &Value) -> Value {
        page(self.with("payment_method", "customer", Some(customer)), query)
    }
}

fn is_a_card(id: &str) -> bool {
    id.starts_with("pm_card_")
}

/// What a request says of a customer; an empty text empties a field.
fn tell(customer: &mut Value, fields: &Value) {
    let metadata = named(customer, fields);
    for field in ["email", "name", "phone", "description"] {
        if let Some(told) = text(fields, field) {
            customer[field] = if told.is_empty() { Value::Null } else { Value::from(told) };
        }
    }
    for (line, told) in fields["address"].as_object().into_iter().flatten() {
        customer["address"][line] = if told == "" { Value::Null } else { told.clone() };
    }
    customer["metadata"] = metadata;
}
