//! Rows of the instruction to be forged, and the real prover and verifier that reject them.
//!
//! The environment matches all messages of the forged rows on the memory, program and execution buses, and the lookups
//! are counted again. Range table and table of compressions are the real ones. So only the guard that a forgery targets
//! is left.

use std::collections::BTreeSet;

use vm_sdk::arch::authoring::InstructionSpec;
use vm_sdk::arch::testing::{MockEnvironment, MockVm, Rejection};
use vm_sdk::arch::{Chip, ChipTraces, RANGE_BUS, SYSTEM_BUSES, SystemConfig, SystemPort};
use vm_sdk::instructions::{LocalOpcode, MemoryImage};
use vm_sdk::p3::field::{Field, PrimeCharacteristicRing, PrimeField32};
use vm_sdk::primitives::RangeTable;
use vm_sdk::stark::{AirRef, F, RowEvaluator, RowResult, RowValues, SymbolicAir, VerifyError};
use vm_sdk::system::memory::{MAIN_SPACE, REGISTER_SPACE};
use vm_sha256::SHA256;
use vm_sha256::compress::{CompressChip, SHA256_COMPRESS_BUS};
use vm_sha256::spec::compress;

use crate::support::{DIGEST, Engine, MESSAGE, bytes, sha256, words};

pub(crate) fn f(value: u32) -> F {
    F::from_u32(value)
}

/// Rows of the instruction's AIR.
#[derive(Clone)]
pub(crate) struct Rows {
    pub(crate) air: AirRef,
    pub(crate) names: Vec<String>,
    pub(crate) traces: Matrix,
}

/// Trace of one instance.
type Matrix = vm_sdk::p3::matrix::dense::RowMajorMatrix<F>;

/// Guard that rejects rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Constraints of the AIR, and no bus.
    Constraints,
    /// One bus, and no constraint.
    Bus(&'static str),
}

pub(crate) const RANGE: Guard = Guard::Bus(RANGE_BUS.name);
pub(crate) const COMPRESSION: Guard = Guard::Bus(SHA256_COMPRESS_BUS.name);

impl Rows {
    /// Returns the honest rows of one execution on a message of this length.
    pub(crate) fn honest(len: usize) -> Self {
        Self::of_message(MESSAGE, &bytes(5, len))
    }

    pub(crate) fn of_message(pointer: u32, message: &[u8]) -> Self {
        let opcode = SHA256.global_opcode().as_u32();
        let mut chip = SHA256.into_chip(SystemPort::default(), opcode);
        let registers = [(10, DIGEST), (11, pointer), (12, message.len() as u32)];
        let registers = registers.map(|(number, value)| ((REGISTER_SPACE, 4 * number), value));
        let memory = words(pointer, message).map(|(pointer, word)| ((MAIN_SPACE, pointer), word));
        let image: MemoryImage = registers.into_iter().chain(memory).collect();
        let mut vm = MockVm::new(SystemConfig::default(), &image, 0x400).unwrap();
        vm.tick(100);
        vm.execute(&mut chip, sha256(10, 11, 12)).unwrap();
        let mut traces = vm.generate_traces(&mut chip).unwrap().traces.pop().unwrap();
        // Rows are appended after the used ones, so there is no more padding than to a power of two.
        let padding = traces.row_slices().rev().take_while(|row| row.iter().all(Field::is_zero)).count();
        let used = traces.values.len() / traces.width - padding;
        traces.values.truncate(used.next_power_of_two() * traces.width);
        let air = chip.air();
        Self { names: air.column_names(), air, traces }
    }

    pub(crate) fn column(&self, name: &str) -> usize {
        self.names.iter().position(|other| other == name).unwrap_or_else(|| panic!("there is no column {name}"))
    }

    pub(crate) fn get(&self, row: usize, name: &str) -> F {
        self.traces.values[row * self.names.len() + self.column(name)]
    }

    pub(crate) fn set(&mut self, row: usize, name: &str, value: F) -> &mut Self {
        let at = row * self.names.len() + self.column(name);
        self.traces.values[at] = value;
        self
    }

    pub(crate) fn add(&mut self, row: usize, name: &str, difference: i64) -> &mut Self {
        let value = self.get(row, name) + F::from_i64(difference);
        self.set(row, name, value)
    }

    pub(crate) fn row(&self, row: usize) -> Vec<F> {
        self.traces.values[row * self.names.len()..][..self.names.len()].to_vec()
    }

    pub(crate) fn height(&self) -> usize {
        self.traces.values.len() / self.names.len()
    }

    /// Appends a row and pads to a power of two.
    pub(crate) fn push(&mut self, row: Vec<F>) -> &mut Self {
        self.traces.values.extend(row);
        let height = self.height().next_power_of_two();
        self.traces.values.resize(height * self.names.len(), F::ZERO);
        self
    }

    /// Recomputes the chaining values of rows `from..to` with the compression function from the rows' blocks, and
    /// passes them on to the row after.
    pub(crate) fn rehash(&mut self, from: usize, to: usize) -> &mut Self {
        let evaluator = RowEvaluator::new(&SymbolicAir::record(&*self.air));
        let mut result = RowResult::default();
        for row in from..to {
            let current = self.row(row);
            evaluator.eval(&RowValues::alone(&current), &mut result);
            let query = result.messages.iter().find(|message| message.len == 64).expect("every block is compressed");
            let cells: Vec<u32> = result.fields_of(query).iter().map(PrimeField32::as_canonical_u32).collect();
            let word = |i: usize| cells[2 * i] | cells[2 * i + 1] << 16;
            let (state, block) = (std::array::from_fn(word), std::array::from_fn(|i| word(8 + i)));
            for (i, word) in compress(&state, &block).into_iter().enumerate() {
                for (j, byte) in word.to_le_bytes().into_iter().enumerate() {
                    self.set(row, &format!("next_state[{i}][{j}]"), F::from_u8(byte));
                }
                if row + 1 < to {
                    self.set(row + 1, &format!("state[{i}][0]"), f(word & 0xFFFF));
                    self.set(row + 1, &format!("state[{i}][1]"), f(word >> 16));
                }
            }
        }
        self
    }

    /// Moves all previous accesses of a row far into the past, so that their times are never rejected.
    pub(crate) fn forget_times(&mut self, row: usize) -> &mut Self {
        for name in self.names.clone().iter().filter(|name| name.contains("prev_timestamp")) {
            self.set(row, name, F::ZERO);
        }
        self
    }

    pub(crate) fn environment(&self) -> MockEnvironment {
        let buses: Vec<_> = SYSTEM_BUSES.into_iter().chain([SHA256_COMPRESS_BUS]).collect();
        let tables: Vec<Box<dyn Chip>> = vec![Box::new(RangeTable::default()), Box::new(CompressChip::default())];
        let traces = ChipTraces { traces: vec![self.traces.clone()], public_values: Vec::new() };
        MockEnvironment::new(self.air.clone(), traces, &buses, tables).unwrap()
    }

    #[track_caller]
    pub(crate) fn are_accepted(&self) {
        self.environment().prove_and_verify::<Engine>().unwrap();
    }

    /// Returns the indices of the constraints that reject the rows, and checks that no bus does.
    #[track_caller]
    pub(crate) fn refusing_constraints(&self) -> BTreeSet<usize> {
        let report = self.environment().debug();
        assert!(report.imbalances.is_empty(), "{report}");
        report.failures.iter().map(|failure| failure.constraint).collect()
    }

    /// Checks that the real verifier rejects the rows, and that only `guard` does.
    #[track_caller]
    pub(crate) fn are_refused_by(&self, guard: Guard) {
        let environment = self.environment();
        let report = environment.debug();
        let buses: BTreeSet<&str> = report.imbalances.iter().map(|message| message.bus.as_str()).collect();
        let rejection = environment.attempt::<Engine>().unwrap().expect_err("accepted");
        match guard {
            Guard::Constraints => {
                assert!(!report.failures.is_empty(), "{report}");
                assert!(buses.is_empty(), "{report}");
                assert!(matches!(rejection, Rejection::Backend(VerifyError::Constraints { .. })), "{rejection}");
            }
            Guard::Bus(bus) => {
                assert!(report.failures.is_empty(), "{report}");
                assert_eq!(buses, BTreeSet::from([bus]), "{report}");
                assert!(matches!(rejection, Rejection::Backend(VerifyError::BusImbalance)), "{rejection}");
            }
        }
    }
}
