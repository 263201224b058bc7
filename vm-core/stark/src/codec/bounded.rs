//! Decoding within a limit of memory.
//!
//! An empty list takes one byte of a file and three words of memory, so without a limit, a decoder can be made to
//! allocate many times the length of its input. Here, every element of a list pays for its own size before it is
//! decoded. Everything else that a value allocates (texts, strings of bytes) is copied from the input.

use alloc::string::String;
use alloc::vec::Vec;

use core::cell::Cell;
use core::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Size in bytes up to which serde allocates a list at once. Longer lists grow by doubling.
const EXACT: usize = 1 << 20;
/// Price of an element of a longer list, in sizes of the element: while the list grows, its old allocation and a new
/// one of twice the size exist.
const GROWING: usize = 3;

/// Memory that lists may still take.
struct Budget(Cell<Option<usize>>);

impl Budget {
    /// Takes some bytes. Returns whether there were as many.
    fn take(&self, bytes: usize) -> bool {
        let left = self.0.get().and_then(|left| left.checked_sub(bytes));
        self.0.set(left);
        left.is_some()
    }

    fn give_back(&self, bytes: usize) {
        self.0.set(self.0.get().map(|left| left + bytes));
    }
}

/// A value that does not decode.
pub(super) enum Refused {
    /// Its lists would take too much memory.
    Memory,
    /// It is malformed.
    Malformed(postcard::Error),
}

/// Decodes a postcard value whose lists take at most `limit` bytes. Returns the value and the bytes after it.
pub(super) fn take_from_bytes<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<(T, &[u8]), Refused> {
    let budget = Budget(Cell::new(Some(limit)));
    let mut deserializer = postcard::Deserializer::from_bytes(bytes);
    let decoded = T::deserialize(Bounded::new(&mut deserializer, &budget));
    let rest = decoded.and_then(|value| Ok((value, deserializer.finalize()?)));
    rest.map_err(|error| if budget.0.get().is_none() { Refused::Memory } else { Refused::Malformed(error) })
}

/// A part of a deserializer that hands the budget on to all parts below it.
struct Bounded<'b, T> {
    inner: T,
    budget: &'b Budget,
    /// On visitors and accesses: whether they are those of a list or map, whose elements pay, and not those of a tuple
    /// or struct, which is a part of its parent.
    pays: bool,
    /// Bytes that the elements have paid for.
    paid: usize,
}

impl<'b, T> Bounded<'b, T> {
    fn new(inner: T, budget: &'b Budget) -> Self {
        Self { inner, budget, pays: false, paid: 0 }
    }

    fn paying(inner: T, budget: &'b Budget) -> Self {
        Self { pays: true, ..Self::new(inner, budget) }
    }

    /// Pays for the next element of a list. Returns the price.
    fn pay<E: serde::de::Error>(&mut self, size: usize) -> Result<usize, E> {
        if !self.pays {
            return Ok(0);
        }
        self.paid = self.paid.saturating_add(size);
        let price = if self.paid > EXACT { size.saturating_mul(GROWING) } else { size };
        if self.budget.take(price) { Ok(price) } else { Err(E::custom("out of memory")) }
    }
}

macro_rules! forward {
    ($($method:ident $(($($argument:ident: $type:ty),+))?),+ $(,)?) => {
        $(
            fn $method<V: Visitor<'de>>(self, $($($argument: $type,)+)? visitor: V) -> Result<V::Value, D::Error> {
                self.inner.$method($($($argument,)+)? Bounded::new(visitor, self.budget))
            }
        )+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_any, deserialize_bool, deserialize_i8, deserialize_i16, deserialize_i32, deserialize_i64,
        deserialize_i128, deserialize_u8, deserialize_u16, deserialize_u32, deserialize_u64, deserialize_u128,
        deserialize_f32, deserialize_f64, deserialize_char, deserialize_str, deserialize_string, deserialize_bytes,
        deserialize_byte_buf, deserialize_option, deserialize_unit, deserialize_identifier, deserialize_ignored_any,
        deserialize_unit_struct(name: &'static str),
        deserialize_newtype_struct(name: &'static str),
        deserialize_tuple(len: usize),
        deserialize_tuple_struct(name: &'static str, len: usize),
        deserialize_struct(name: &'static str, fields: &'static [&'static str]),
        deserialize_enum(name: &'static str, variants: &'static [&'static str]),
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_seq(Bounded::paying(visitor, self.budget))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(Bounded::paying(visitor, self.budget))
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($type:ty)),+ $(,)?) => {
        $(
            fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
                self.inner.$method(value)
            }
        )+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool(bool), visit_i8(i8), visit_i16(i16), visit_i32(i32), visit_i64(i64), visit_i128(i128),
        visit_u8(u8), visit_u16(u16), visit_u32(u32), visit_u64(u64), visit_u128(u128), visit_f32(f32),
        visit_f64(f64), visit_char(char), visit_str(&str), visit_borrowed_str(&'de str), visit_string(String),
        visit_bytes(&[u8]), visit_borrowed_bytes(&'de [u8]), visit_byte_buf(Vec<u8>),
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Bounded::new(deserializer, self.budget))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Bounded::new(deserializer, self.budget))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Bounded { inner: access, budget: self.budget, pays: self.pays, paid: 0 })
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Bounded { inner: access, budget: self.budget, pays: self.pays, paid: 0 })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Bounded::new(access, self.budget))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let price = self.pay::<A::Error>(size_of::<T::Value>())?;
        let element = self.inner.next_element_seed(Bounded::new(seed, self.budget))?;
        if element.is_none() {
            self.budget.give_back(price);
        }
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let price = self.pay::<A::Error>(size_of::<K::Value>())?;
        let key = self.inner.next_key_seed(Bounded::new(seed, self.budget))?;
        if key.is_none() {
            self.budget.give_back(price);
        }
        Ok(key)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.pay::<A::Error>(size_of::<T::Value>())?;
        self.inner.next_value_seed(Bounded::new(seed, self.budget))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'b, 'de, A: EnumAccess<'de>> EnumAccess<'de> for Bounded<'b, A> {
    type Error = A::Error;
    type Variant = Bounded<'b, A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let budget = self.budget;
        let (value, variant) = self.inner.variant_seed(Bounded::new(seed, budget))?;
        Ok((value, Bounded::new(variant, budget)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.inner.newtype_variant_seed(Bounded::new(seed, self.budget))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, Bounded::new(visitor, self.budget))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, Bounded::new(visitor, self.budget))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Bounded::new(deserializer, self.budget))
    }
}
