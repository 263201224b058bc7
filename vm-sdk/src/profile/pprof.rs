//! Profiles in the format of pprof.
//!
//! The format is `profile.proto` of <https://github.com/google/pprof>, a message of Protocol Buffers. The few fields that are
//! used here are numbers, texts and messages, so the encoding is written by hand.

use std::collections::HashMap;

use super::tree::NodeId;
use super::{Profile, label};

/// What is counted, with its unit. The last one is shown first.
const VALUES: [(&str, &str); 4] = [("instructions", "count"), ("rows", "count"), ("cells", "count"), ("cost", "cells")];

/// A message in its encoding.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Adds a list of numbers.
    fn numbers(&mut self, field: u64, values: impl IntoIterator<Item = u64>) {
        let mut packed = Self::default();
        values.into_iter().for_each(|value| packed.varint(value));
        self.bytes(field, &packed.0);
    }
}

/// Texts by their numbers. The first one is empty.
#[derive(Default)]
struct Strings {
    texts: Vec<String>,
    numbers: HashMap<String, u64>,
}

impl Strings {
    fn number(&mut self, text: &str) -> u64 {
        *self.numbers.entry(text.to_owned()).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            self.texts.len() as u64 - 1
        })
    }
}

impl Profile {
    /// Returns the profile as a file for `pprof` and other viewers of its format, not compressed. Each sample is a node with its
    /// callers; it has numbers of instructions, rows and cells, and the cost.
    pub fn pprof(&self) -> Vec<u8> {
        let mut strings = Strings::default();
        strings.number("");
        let mut profile = Message::default();
        for (name, unit) in VALUES {
            let mut value = Message::default();
            value.number(1, strings.number(name));
            value.number(2, strings.number(unit));
            profile.bytes(1, &value.0);
        }
        let nodes = self.calls.nodes();
        for (index, node) in nodes.iter().enumerate().filter(|(_, node)| node.own.instructions > 0) {
            let (instructions, rows) = (node.own.instructions, node.own.rows);
            let mut sample = Message::default();
            sample.numbers(1, self.calls.path(index as NodeId).map(|node| u64::from(node.frame) + 1));
            sample.numbers(2, [instructions, rows.rows, rows.cells, rows.total()]);
            profile.bytes(2, &sample.0);
        }
        for (index, frame) in self.calls.frames().iter().enumerate() {
            let number = index as u64 + 1;
            let mut line = Message::default();
            line.number(1, number);
            let mut location = Message::default();
            location.number(1, number);
            location.bytes(4, &line.0);
            profile.bytes(4, &location.0);
            let mut function = Message::default();
            function.number(1, number);
            function.number(2, strings.number(&label(frame)));
            profile.bytes(5, &function.0);
        }
        let default = strings.number(VALUES[VALUES.len() - 1].0);
        for text in &strings.texts {
            profile.bytes(6, text.as_bytes());
        }
        profile.number(14, default);
        profile.0
    }
}
