//! Small records that rule expressions read by name. A vector is searched faster than a map of a dozen keys is built,
//! and a document needs about a hundred of them.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

/// Named values in a fixed order.
#[derive(Debug)]
struct Record(Vec<(&'static str, Value)>);

/// A record as a value of the expression language.
pub(super) fn record(fields: impl Into<Vec<(&'static str, Value)>>) -> Value {
    Value::from_object(Record(fields.into()))
}

impl Object for Record {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| Value::from(*name)).collect())
    }
}
