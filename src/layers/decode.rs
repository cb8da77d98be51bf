//! A serde deserializer that turns layered values into the types of the language. It skips nulls,
//! because an explicit null unsets a value.

use super::layer::Layered;
use crate::source::node::{Node, Value};
use serde::de::{
    self, DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
    value::Error,
};

/// Decodes a value. Documents are already checked. So an error here means that a type and its
/// schema disagree, and it is returned as text.
pub(super) fn decode<'p, T: de::Deserialize<'p>>(value: Layered<'p>) -> Result<T, String> {
    T::deserialize(Decoder(value)).map_err(|error| error.to_string())
}

struct Decoder<'p>(Layered<'p>);

impl<'p> Decoder<'p> {
    fn entries(self) -> Vec<(&'p str, Layered<'p>)> {
        let entries = match self.0 {
            Layered::Merged(entries) => entries,
            Layered::Stated(node) => node
                .entries()
                .iter()
                .map(|entry| (&*entry.key, Layered::Stated(&entry.node)))
                .collect(),
        };
        entries.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}

impl<'p> de::Deserializer<'p> for Decoder<'p> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = match self.0 {
            Layered::Stated(node) if !matches!(node.value, Value::Map(_)) => node,
            _ => {
                return visitor
                    .visit_map(Entries { rest: self.entries().into_iter(), value: None });
            }
        };
        match &node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::String(value) => visitor.visit_borrowed_str(value),
            Value::List(items) => visitor.visit_seq(Items(items.iter())),
            Value::Map(_) => Err(Error::custom("a map")),
        }
    }

    fn deserialize_option<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.is_null() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'p>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'p>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'p>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Every value of the language's enums is one of a few words.
impl<'p> EnumAccess<'p> for Decoder<'p> {
    type Error = Error;
    type Variant = Word;

    fn variant_seed<T: DeserializeSeed<'p>>(self, seed: T) -> Result<(T::Value, Word), Error> {
        match self.0 {
            Layered::Stated(Node { value: Value::String(text), .. }) => {
                let text: &'p str = text;
                Ok((seed.deserialize(text.into_deserializer())?, Word))
            }
            _ => Err(Error::custom("one of a few words is wanted")),
        }
    }
}

struct Word;

impl<'p> de::VariantAccess<'p> for Word {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'p>>(self, _: T) -> Result<T::Value, Error> {
        Err(Error::custom("a word has no content"))
    }

    fn tuple_variant<V: Visitor<'p>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("a word has no content"))
    }

    fn struct_variant<V: Visitor<'p>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(Error::custom("a word has no content"))
    }
}

struct Entries<'p> {
    rest: std::vec::IntoIter<(&'p str, Layered<'p>)>,
    value: Option<Layered<'p>>,
}

impl<'p> MapAccess<'p> for Entries<'p> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'p>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(de::value::BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'p>>(&mut self, seed: T) -> Result<T::Value, Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(Decoder(value)),
            None => Err(Error::custom("a value without its key")),
        }
    }
}

struct Items<'p>(std::slice::Iter<'p, Node>);

impl<'p> SeqAccess<'p> for Items<'p> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'p>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(Decoder(Layered::Stated(item)))).transpose()
    }
}
