//! Products, prices and coupons.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, refuse};
use super::objects::{NOW_S, Objects, merge, page};
use super::params::text;

impl Objects {
    pub fn create_product(&mut self, fields: &Value) -> Outcome {
        let id = text(fields, "id").map_or_else(|| self.next_id("prod"), str::to_owned);
        if self.find(&id).is_some() {
            return refuse(Answer::invalid("resource_already_exists", "id", "Product already exists."));
        }
        let mut product = json!({"object": "product", "active": true, "created": NOW_S, "metadata": {}});
        merge(&mut product, fields.clone());
        product["id"] = Value::from(id);
        Ok(self.keep(product))
    }

    /// Tiers are not shown where they were not asked for.
    pub fn create_price(&mut self, fields: &Value) -> Outcome {
        if self.find(text(fields, "product").unwrap_or_default()).is_none() {
            return refuse(Answer::invalid("resource_missing", "product", "No such product"));
        }
        let key = text(fields, "lookup_key");
        if key.is_some_and(|key| !self.with("price", "lookup_key", Some(key)).is_empty()) {
            return refuse(Answer::invalid("", "lookup_key", "A price already uses that lookup key."));
        }
        let mut shown = fields.clone();
        if let Some(shown) = shown.as_object_mut() {
            shown.remove("tiers");
        }
        if let Some(count) = text(&shown["recurring"], "interval_count").and_then(|text| text.parse::<i64>().ok()) {
            shown["recurring"]["interval_count"] = Value::from(count);
        }
        let mut price = self.new_object("price", "price", json!({"active": true}));
        merge(&mut price, shown);
        Ok(self.keep(price))
    }

    pub fn create_coupon(&mut self, fields: &Value) -> Outcome {
        let id = text(fields, "id").map_or_else(|| self.next_id("coupon"), str::to_owned);
        if self.find(&id).is_some() {
            return refuse(Answer::invalid("resource_already_exists", "id", "Coupon already exists."));
        }
        let mut coupon = json!({"object": "coupon", "created": NOW_S, "valid": true, "metadata": {}});
        merge(&mut coupon, fields.clone());
        coupon["id"] = Value::from(id);
        Ok(self.keep(coupon))
    }

    pub fn prices_by_lookup_key(&self, query: &Value) -> Value {
        let keys = query["lookup_keys"].as_array().cloned().unwrap_or_default();
        assert!(keys.len() <= 10, "Stripe takes ten lookup keys at most");
        let mut found = self.of_kind("price");
        found.retain(|price| keys.contains(&price["lookup_key"]));
        page(found, query)
    }
}
