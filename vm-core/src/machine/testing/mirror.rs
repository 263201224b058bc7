//! AIRs that stand in for the rest of a machine: their rows have the counterparts of the honest messages of a chip.

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::stark::{Bus, F, MIN_LOG_HEIGHT, MachineAir, VmAirBuilder};

/// Smallest number of rows of a mock trace, so that a batch of small traces is tall enough to be proven.
const MIN_ROWS: usize = 1 << MIN_LOG_HEIGHT;

/// Stand-in for the other side of a permutation bus. Each row sends or receives one message. The AIR only constrains
/// the two flags to be boolean.
#[derive(Clone, Copy, Debug)]
pub struct MirrorAir {
    bus: Bus,
}

impl MirrorAir {
    /// Creates the mirror of a bus.
    pub const fn new(bus: Bus) -> Self {
        Self { bus }
    }

    /// Returns a trace that balances `messages`, pairs of fields and net number of sends (sends minus receives).
    pub fn generate_trace(&self, messages: &[(Vec<F>, i64)]) -> RowMajorMatrix<F> {
        let mut values = Vec::new();
        for (fields, net) in messages {
            for _ in 0..net.unsigned_abs() {
                values.extend([F::from_bool(*net < 0), F::from_bool(*net > 0)]);
                values.extend(fields);
            }
        }
        pad(values, self.width())
    }
}

impl BaseAir<F> for MirrorAir {
    fn width(&self) -> usize {
        2 + self.bus.arity
    }
}

impl MachineAir for MirrorAir {
    fn name(&self) -> String {
        format!("Mock {}", self.bus.name)
    }
    fn column_names(&self) -> Vec<String> {
        let fields = (0..self.bus.arity).map(|i| format!("field[{i}]"));
        ["send", "receive"].map(str::to_owned).into_iter().chain(fields).collect()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0, 1]
    }
}

impl<AB: VmAirBuilder> Air<AB> for MirrorAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local = main.current_slice();
        builder.assert_bool(local[0]);
        builder.assert_bool(local[1]);
        self.bus.send(builder, local[2..].iter().copied(), local[0]);
        self.bus.receive(builder, local[2..].iter().copied(), local[1]);
    }
}

/// Stand-in for a lookup table. It provides exactly the tuples that the honest trace queries.
#[derive(Clone, Copy, Debug)]
pub struct EntriesAir {
    bus: Bus,
}

impl EntriesAir {
    /// Creates the table of a bus.
    pub const fn new(bus: Bus) -> Self {
        Self { bus }
    }

    /// Returns a trace that provides `entries`, pairs of tuple and number of queries.
    pub fn generate_trace(&self, entries: &[(Vec<F>, i64)]) -> RowMajorMatrix<F> {
        let mut values = Vec::new();
        for (key, count) in entries {
            values.push(F::from_u64(count.unsigned_abs()));
            values.extend(key);
        }
        pad(values, self.width())
    }
}

impl BaseAir<F> for EntriesAir {
    fn width(&self) -> usize {
        1 + self.bus.arity
    }
}

impl MachineAir for EntriesAir {
    fn name(&self) -> String {
        format!("Mock {}", self.bus.name)
    }
    fn column_names(&self) -> Vec<String> {
        let fields = (0..self.bus.arity).map(|i| format!("field[{i}]"));
        std::iter::once("multiplicity".to_owned()).chain(fields).collect()
    }
}

impl<AB: VmAirBuilder> Air<AB> for EntriesAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local = main.current_slice();
        self.bus.provide(builder, local[1..].iter().copied(), local[0]);
    }
}

fn pad(mut values: Vec<F>, width: usize) -> RowMajorMatrix<F> {
    let rows = (values.len() / width).next_power_of_two().max(MIN_ROWS);
    values.resize(rows * width, F::ZERO);
    RowMajorMatrix::new(values, width)
}
