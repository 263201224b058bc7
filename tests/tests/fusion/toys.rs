//! Blocks of made-up instructions, each of which makes one rule of fusion matter.
//!
//! The circuits of RV32IM are written so that some rules never decide anything. An extension's circuits may be others.

use std::sync::Arc;

use vm_core::arch::{BITWISE_BUS, EXECUTION_BUS, MEMORY_BUS, PROGRAM_BUS, PUBLIC_VALUES_BUS, RANGE_BUS, SYSTEM_BUSES};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::machine::fusion::{FusableMachine, FusedCircuit, Fuser, FusionError};
use vm_core::stark::{AirRef, Bus, Expr, F, Instances, MachineAir, SymbolicBuilder};
use vm_sdk::p3::air::{Air, AirBuilder, BaseAir, WindowAccess};
use vm_sdk::p3::field::{Field, PrimeCharacteristicRing, PrimeField32, PrimeField64};

use crate::judge::{Lifted, Lifter};

/// Columns of a toy, by name.
type Columns<'a> = &'a dyn Fn(&str) -> Expr;

/// An AIR that a function describes. It gets the builder and the columns by name.
#[derive(Clone, Copy)]
struct Toy {
    columns: &'static [&'static str],
    eval: fn(&mut SymbolicBuilder, Columns<'_>),
}

impl BaseAir<F> for Toy {
    fn width(&self) -> usize {
        self.columns.len()
    }
}

impl MachineAir for Toy {
    fn name(&self) -> String {
        "Toy".to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|name| (*name).to_owned()).collect()
    }
    fn instances(&self) -> Instances {
        Instances::Derived
    }
}

impl Air<SymbolicBuilder> for Toy {
    fn eval(&self, builder: &mut SymbolicBuilder) {
        let columns: Vec<Expr> = builder.main().current_slice().iter().map(|column| (*column).into()).collect();
        let column = |name: &str| columns[self.columns.iter().position(|other| *other == name).unwrap()].clone();
        (self.eval)(builder, &column);
    }
}

/// Ticks of all toys.
const TICKS: u32 = 4;

/// Opcode of the first instruction of a block. Each instruction has its own opcode and so its own executor.
const OPCODE: u32 = 0x900;

/// The step of execution of a toy, with its operands.
fn step(builder: &mut SymbolicBuilder, x: Columns<'_>, a: Expr, b: Expr) {
    builder.assert_bool(x("valid"));
    let entry = [x("pc"), x("opcode"), a, b].into_iter().chain([const { Expr::ZERO }; 5]);
    PROGRAM_BUS.query(builder, entry, x("valid"));
    EXECUTION_BUS.receive(builder, [x("pc"), x("time")], x("valid"));
    EXECUTION_BUS.send(builder, [x("pc") + Expr::from_u32(4), x("time") + Expr::from_u32(TICKS)], x("valid"));
}

/// Reads a word: its two cells are `low` and `high`.
fn read(builder: &mut SymbolicBuilder, x: Columns<'_>, space: Expr, pointer: Expr) {
    let before = [space.clone(), pointer.clone(), x("low"), x("high"), x("before")];
    MEMORY_BUS.receive(builder, before, x("valid"));
    MEMORY_BUS.send(builder, [space, pointer, x("low"), x("high"), x("time")], x("valid"));
}

fn range(builder: &mut SymbolicBuilder, x: Columns<'_>, value: Expr, bits: u32) {
    RANGE_BUS.query(builder, [value, Expr::from_u32(bits)], x("valid"));
}

/// Reads the word that its operands name.
const READ: Toy = Toy {
    columns: &["valid", "pc", "opcode", "time", "low", "high", "before", "space", "pointer"],
    eval: |builder, x| {
        step(builder, x, x("space"), x("pointer"));
        read(builder, x, x("space"), x("pointer"));
    },
};

/// Reads any word.
const READ_ANY: Toy = Toy {
    columns: READ.columns,
    eval: |builder, x| {
        step(builder, x, Expr::ZERO, Expr::ZERO);
        read(builder, x, x("space"), x("pointer"));
    },
};

/// Reads any word of address space 2.
const READ_ANY_OF_2: Toy = Toy {
    columns: READ.columns,
    eval: |builder, x| {
        step(builder, x, Expr::ZERO, Expr::ZERO);
        read(builder, x, Expr::TWO, x("pointer"));
    },
};

/// Returns a toy that reads the word at 8 and has columns x and y.
const fn toy(eval: fn(&mut SymbolicBuilder, Columns<'_>)) -> Toy {
    Toy { columns: &["valid", "pc", "opcode", "time", "low", "high", "before", "x", "y"], eval }
}

/// What every such toy does.
fn begin(builder: &mut SymbolicBuilder, x: Columns<'_>) {
    step(builder, x, Expr::ZERO, Expr::ZERO);
    read(builder, x, Expr::ONE, Expr::from_u32(8));
}

fn constant(value: u32) -> Expr {
    Expr::from_u32(value)
}

/// Tables of range checks and of the exclusive or of bytes.
fn is_true(bus: &str, fields: &[F]) -> bool {
    let fields: Vec<u32> = fields.iter().map(F::as_canonical_u32).collect();
    match fields[..] {
        [value, bits] if bus == RANGE_BUS.name => bits <= 16 && value < 1 << bits,
        [x, y, xor] if bus == BITWISE_BUS.name => x < 256 && y < 256 && x ^ y == xor,
        _ => panic!("no table has {bus}"),
    }
}

/// A block of toys.
struct Toys {
    steps: Vec<(u32, Instruction)>,
    airs: Vec<AirRef>,
}

impl FusableMachine for Toys {
    fn executor_for(&self, instruction: &Instruction) -> Option<usize> {
        Some((instruction.opcode.as_u32() - OPCODE) as usize)
    }

    fn air_of(&self, executor: usize) -> Result<AirRef, FusionError> {
        Ok(Arc::clone(&self.airs[executor]))
    }

    fn declared_buses(&self) -> Vec<Bus> {
        SYSTEM_BUSES.to_vec()
    }
}

impl Toys {
    /// Instructions with their operands, one after another.
    fn new(toys: &[(Toy, [u32; 2])]) -> Self {
        let step = |(index, (_, [a, b])): (u32, &(Toy, [u32; 2]))| {
            let opcode = VmOpcode::from_u32(OPCODE + index);
            (4 * index, Instruction::from_parts(opcode, [*a, *b, 0, 0, 0, 0, 0]))
        };
        let airs = toys.iter().map(|(toy, _)| Arc::new(*toy) as AirRef).collect();
        Self { steps: (0..).zip(toys).map(step).collect(), airs }
    }

    /// Toys that read the word at 8.
    fn of(toys: &[Toy]) -> Self {
        Self::new(&toys.iter().map(|toy| (*toy, [0, 0])).collect::<Vec<_>>())
    }

    fn circuit(&self) -> Result<FusedCircuit, FusionError> {
        Ok(Fuser::new(self).fuse(&self.steps)?.0)
    }

    fn lifter(&self) -> Lifter {
        Lifter::new(&Arc::new(self.circuit().unwrap()), &self.steps, &self.airs)
    }

    /// Checks the theorem on the row whose columns have these values, by name and instruction, and on changed rows. Columns
    /// that the circuit has not kept are ignored.
    #[track_caller]
    fn check(&self, value: &dyn Fn(&str, usize) -> u32) -> Lifted {
        let lifter = self.lifter();
        let row = row_of(&lifter, value);
        let lifted = lifter.check(&row, &is_true).unwrap();
        if lifted == Lifted::Agreed {
            lifter.check_mutations(&row, &is_true, "toys");
        }
        // Padding rows are all zero.
        assert_eq!(lifter.check(&vec![F::ZERO; row.len()], &is_true), Ok(Lifted::Agreed));
        lifted
    }

    /// Checks an honest row: it is accepted, and lifts to the rows whose columns have these values. Columns that the toy
    /// does not use are 0.
    #[track_caller]
    fn accepts(&self, value: impl Fn(&str, usize) -> u32) {
        assert_eq!(self.check(&value), Lifted::Agreed);
        let lifter = self.lifter();
        for (index, (row, air)) in lifter.lift(&row_of(&lifter, &value)).iter().zip(&self.airs).enumerate() {
            for (name, cell) in air.column_names().iter().zip(row) {
                if ["low", "high", "x", "y"].contains(&name.as_str()) {
                    assert_eq!(*cell, F::from_u32(value(name, index)), "column {name} of instruction {index}");
                }
            }
        }
    }

    /// Checks a row that the original circuits refuse.
    #[track_caller]
    fn refuses(&self, value: impl Fn(&str, usize) -> u32) {
        assert_ne!(self.check(&value), Lifted::Agreed);
    }
}

/// Returns the row of a fused circuit whose columns have these values.
fn row_of(lifter: &Lifter, value: &dyn Fn(&str, usize) -> u32) -> Vec<F> {
    let cell = |name: &String| {
        let Some((step, column)) = name.split_once('.') else { return F::ONE };
        let index: usize = step.split_once(':').unwrap().0.parse().unwrap();
        F::from_u32(match column {
            "time" => 100 + TICKS * index as u32,
            "before" => 50 + index as u32,
            column => value(column, index),
        })
    };
    lifter.names.iter().map(cell).collect()
}

#[test]
fn accesses_of_one_word_cancel_and_those_of_other_spaces_do_not() {
    let word = |column: &str, index| match column {
        "low" => [7, 900, 7, 7][index],
        _ => [1, 2, 1, 1][index],
    };
    let toys = Toys::new(&[(READ, [1, 8]), (READ, [2, 8]), (READ, [1, 8])]);
    assert_eq!(toys.circuit().unwrap().num_messages(), 6);
    toys.accepts(word);
    let toys = Toys::new(&[(READ, [1, 8]), (READ, [1, 12]), (READ, [1, 8]), (READ, [1, 8])]);
    assert_eq!(toys.circuit().unwrap().num_messages(), 6);
    toys.accepts(word);
}

/// Changes the word at x·y in a space.
const fn change<const SPACE: u32>() -> Toy {
    toy(|builder, x| {
        step(builder, x, Expr::ZERO, Expr::ZERO);
        let pointer = || x("x") * x("y");
        let space = || Expr::from_u32(SPACE);
        MEMORY_BUS.receive(builder, [space(), pointer(), x("low"), x("high"), x("before")], x("valid"));
        MEMORY_BUS.send(builder, [space(), pointer(), x("low") + x("valid"), x("high"), x("time")], x("valid"));
    })
}

#[test]
fn accesses_do_not_cancel_across_one_that_may_be_to_the_same_word() {
    let between = |toy| Toys::new(&[(READ, [1, 8]), (toy, [0, 0]), (READ, [1, 8])]);
    for (toys, messages, last) in [(between(change::<1>()), 8, 8), (between(change::<2>()), 6, 7)] {
        assert_eq!(toys.circuit().unwrap().num_messages(), messages);
        toys.accepts(|column, index| match column {
            "low" => [7, 7, last][index],
            "x" => 2,
            "y" => 4,
            _ => 0,
        });
    }
}

#[test]
fn accesses_are_not_linked_across_one_that_may_be_of_the_same_word() {
    let toys = |between: Toy, space: u32| {
        let toys = Toys::new(&[(READ, [1, 8]), (between, [0, 0]), (READ, [1, 8])]);
        toys.accepts(|column, _| match column {
            "low" => 7,
            "high" => 1,
            "space" => space,
            "pointer" => 8,
            _ => panic!("{column} is kept"),
        });
        toys.circuit().unwrap().num_messages()
    };
    assert_eq!(toys(READ_ANY, 1), 8);
    assert_eq!(toys(READ_ANY_OF_2, 2), 6);
}

#[test]
fn booleans_are_shared_only_if_range_checks_determine_them() {
    // low + x has eight bits for both values of x.
    let near = toy(|builder, x| {
        begin(builder, x);
        builder.assert_bool(x("x"));
        range(builder, x, x("low") + x("x"), 8);
    });
    let below = toy(|builder, x| {
        begin(builder, x);
        builder.assert_bool(x("x"));
        range(builder, x, x("low") - x("x") * F::from_u32(255), 8);
    });
    let carry = toy(|builder, x| {
        begin(builder, x);
        builder.assert_bool(x("x"));
        range(builder, x, x("low") + x("high") - x("x") * F::from_u32(1 << 16), 16);
    });
    // x is 0 or 2^-16, which only looks like a carry.
    let no_boolean = toy(|builder, x| {
        begin(builder, x);
        builder.assert_zero(x("x") * (x("x") - Expr::from(F::from_u32(1 << 16).inverse())));
        range(builder, x, x("low") + x("x") * F::from_u32(1 << 16), 16);
    });
    let inverse = F::from_u32(1 << 16).inverse().as_canonical_u32();
    for (toy, low, second) in [(near, 7, 1), (below, 255, 1), (no_boolean, 7, inverse)] {
        let toys = Toys::of(&[toy, toy]);
        toys.accepts(|column, index| match (column, index) {
            ("low", _) => low,
            ("high", _) => 3,
            ("x", 1) => second,
            _ => 0,
        });
    }
    let toys = Toys::of(&[carry, carry]);
    // The selector, the time, the word with the time of its last access, and the carry.
    assert_eq!(toys.circuit().unwrap().num_columns(), 6);
    toys.accepts(|column, _| {
        [("low", 0xffff), ("high", 2), ("x", 1), ("y", 0)].iter().find(|(name, _)| *name == column).unwrap().1
    });
}

/// x is the low byte of the low cell, whose high byte is not a column.
const SPLIT: Toy = toy(|builder, x| {
    begin(builder, x);
    range(builder, x, x("x"), 8);
    range(builder, x, (x("low") - x("x")) * F::from_u32(256).inverse(), 8);
});

#[test]
fn cells_are_split_once_only_into_bytes() {
    // x may have nine bits here.
    let loose = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 9);
        range(builder, x, (x("low") - x("x")) * F::from_u32(256).inverse(), 8);
    });
    let columns = Toys::of(&[SPLIT]).circuit().unwrap().num_columns();
    assert_eq!(Toys::of(&[SPLIT, SPLIT]).circuit().unwrap().num_columns(), columns);
    for (toys, xs) in [([SPLIT, SPLIT], [0x34; 2]), ([SPLIT, loose], [0x34, 0x134]), ([loose, SPLIT], [0x134, 0x34])] {
        Toys::of(&toys).accepts(|column, index| match column {
            "low" => 0x1234,
            "x" => xs[index],
            _ => 0,
        });
    }
}

#[test]
fn cells_are_split_once_only_into_bits_that_are_determined() {
    const fn split<const HIGH: u32>() -> Toy {
        toy(|builder, x| {
            begin(builder, x);
            range(builder, x, x("x"), HIGH);
            range(builder, x, x("low") + (x("high") - x("x")) * F::from_u32(1 << 16), 16);
        })
    }
    let columns = |toys: &[Toy]| Toys::of(toys).circuit().unwrap().num_columns();
    assert_eq!(columns(&[split::<13>(); 2]), columns(&[split::<13>()]));
    assert_eq!(columns(&[split::<15>(); 2]), columns(&[split::<15>()]) + 1);
    // 5 = 6 + 2^16·0x7800 modulo p, so with 15 high bits there are two ways.
    for (toys, xs) in [
        ([split::<13>(), split::<13>()], [0, 0]),
        ([split::<15>(), split::<15>()], [0, 0x7800]),
        ([split::<13>(), split::<15>()], [0, 0x7800]),
        ([split::<15>(), split::<13>()], [0x7800, 0]),
    ] {
        Toys::of(&toys).accepts(|column, index| match column {
            "low" => 5,
            "x" => xs[index],
            _ => 0,
        });
    }
    // Bits of other sizes are other bits.
    let narrow = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("y"), 12);
        range(builder, x, x("low") - x("y") * F::from_u32(1 << 4), 4);
    });
    let wide = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("y"), 4);
        range(builder, x, x("low") - x("y") * F::from_u32(1 << 12), 12);
    });
    Toys::of(&[narrow, wide, narrow]).accepts(|column, index| match (column, index) {
        ("low", _) => 0x1234,
        ("y", 1) => 0x1,
        ("y", _) => 0x123,
        _ => 0,
    });
}

#[test]
fn sums_of_many_columns_remain_equations() {
    // Adds x to the word.
    let add = toy(|builder, x| {
        step(builder, x, Expr::ZERO, Expr::ZERO);
        range(builder, x, x("x"), 16);
        let pointer = || Expr::from_u32(8);
        MEMORY_BUS.receive(builder, [Expr::ONE, pointer(), x("low"), x("high"), x("before")], x("valid"));
        MEMORY_BUS.send(builder, [Expr::ONE, pointer(), x("low") + x("x"), x("high"), x("time")], x("valid"));
    });
    // Each x is queried, so the columns are x, what remains of the selector, the time and the word, and some partial sums.
    for count in [10, 60] {
        let toys = Toys::of(&vec![add; count]);
        let columns = toys.circuit().unwrap().num_columns();
        assert_eq!(columns > count + 5, count > 24, "{columns}");
        let low = |index: usize| 100 + (index * (index + 1) / 2) as u32;
        let value = |column: &str, index: usize| match column {
            "low" => low(index),
            "x" => index as u32 + 1,
            "y" => 0,
            _ => 9,
        };
        toys.accepts(value);
        if columns > count + 5 {
            toys.refuses(
                |column, index| if column == "low" && index > 0 { low(index) + 1 } else { value(column, index) },
            );
        }
    }
}

#[test]
fn paths_take_fewer_ticks_than_words_stay_without_refresh() {
    const LONG: u32 = (1 << 16) / 4;
    let long = Toy {
        columns: &["valid", "pc", "opcode", "time"],
        eval: |builder, x| {
            let entry = [x("pc"), x("opcode")].into_iter().chain([const { Expr::ZERO }; 7]);
            PROGRAM_BUS.query(builder, entry, x("valid"));
            EXECUTION_BUS.receive(builder, [x("pc"), x("time")], x("valid"));
            EXECUTION_BUS.send(builder, [x("pc") + Expr::from_u32(4), x("time") + Expr::from_u32(LONG)], x("valid"));
        },
    };
    let circuit = Toys::of(&[long; 4]).circuit().unwrap();
    assert_eq!((circuit.ticks, circuit.times.clone()), (4 * LONG, vec![0, LONG, 2 * LONG, 3 * LONG]));
    // Time is bounded by the weight of all rows.
    assert_eq!(circuit.min_weight(), u64::from(circuit.ticks));
    let error = Toys::of(&[long; 5]).circuit().map(drop).unwrap_err();
    assert!(matches!(error, FusionError::Limit { what: "ticks in a path", .. }), "{error}");
}

#[test]
fn bytes_of_results_are_those_that_later_instructions_use() {
    // The cell (x ^ y) of both bytes, in the way of bitwise instructions, and then its parts.
    let xor = toy(|builder, x| {
        begin(builder, x);
        BITWISE_BUS.query(builder, [x("x"), x("y"), x("low") - x("high") * F::from_u32(256)], x("valid"));
        BITWISE_BUS.query(builder, [x("x"), x("y"), x("high")], x("valid"));
    });
    Toys::of(&[xor, SPLIT]).accepts(|column, index| match (column, index) {
        ("x", 0) => 0x0f,
        ("y", 0) => 0xf1,
        ("y", _) => 0,
        ("low", _) => 0xfefe,
        _ => 0xfe,
    });
}

#[test]
fn the_narrowest_range_check_of_an_expression_remains() {
    let bits = |bits: usize| match bits {
        8 => toy(|builder, x| {
            begin(builder, x);
            range(builder, x, x("low"), 8);
        }),
        9 => toy(|builder, x| {
            begin(builder, x);
            range(builder, x, x("low"), 9);
        }),
        _ => toy(|builder, x| {
            begin(builder, x);
            range(builder, x, x("low"), 16);
        }),
    };
    for order in [[8, 9, 16], [8, 16, 9], [9, 8, 16], [9, 16, 8], [16, 8, 9], [16, 9, 8], [8, 8, 8]] {
        let toys = Toys::of(&order.map(bits));
        assert_eq!(toys.circuit().unwrap().num_messages(), 5, "{order:?}");
        toys.accepts(|column, _| if ["x", "y"].contains(&column) { 0 } else { 255 });
        for low in [256, 511, 512, 0xffff, 0x1_0000] {
            toys.refuses(|column, _| if column == "low" { low } else { 0 });
        }
    }
}

#[test]
fn range_checks_beyond_the_table_imply_nothing() {
    // No table has more than 16 bits, so the row does not exist.
    let beyond = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("low"), 17);
    });
    let narrow = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("low"), 8);
    });
    for toys in [[beyond, narrow], [narrow, beyond]] {
        Toys::of(&toys).refuses(|_, _| 1);
    }
}

#[test]
fn range_checks_of_parts_imply_that_of_the_whole() {
    let low_variable = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("low"), 16);
        range(builder, x, x("x"), 3);
        range(builder, x, (x("low") - x("x")) * F::from_u32(8).inverse(), 13);
    });
    let high_variable = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("low"), 16);
        range(builder, x, x("low") - x("x") * F::from_u32(8), 3);
        range(builder, x, x("x"), 13);
    });
    for (toy, part) in [(low_variable, 5), (high_variable, 0xfffd / 8)] {
        let toys = Toys::of(&[toy]);
        // Four messages of the step and the read, and the two parts.
        assert_eq!(toys.circuit().unwrap().num_messages(), 6);
        let word = |low, x| {
            move |column: &str, _: usize| match column {
                "low" => low,
                "x" => x,
                _ => 0,
            }
        };
        toys.accepts(word(0xfffd, part));
        for (low, x) in [(0x1_0000, 0), (0x1_0000, 0x2000), (0x1_0001, 1), (0xfffd, part - 1), (0xfffd, part + 1)] {
            toys.refuses(word(low, x));
        }
    }
    let bytes = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("low"), 16);
        range(builder, x, x("x"), 8);
        BITWISE_BUS.query(builder, [x("x"), (x("low") - x("x")) * F::from_u32(256).inverse(), x("y")], x("valid"));
    });
    let toys = Toys::of(&[bytes]);
    assert_eq!(toys.circuit().unwrap().num_messages(), 5);
    let honest = |column: &str| match column {
        "low" => 0x1234,
        "x" => 0x34,
        "y" => 0x12 ^ 0x34,
        _ => 0,
    };
    toys.accepts(|column, _| honest(column));
    toys.refuses(|column, _| if column == "low" { 0x1_1234 } else { honest(column) });
}

#[test]
fn range_checks_of_other_parts_imply_nothing() {
    // The row is refused because of the range check of `low` alone, so that has to remain.
    let cases: [(&str, Toy, usize, [u32; 3]); 8] = [
        (
            "the low part is too wide",
            toy(|builder, x| {
                begin(builder, x);
                range(builder, x, x("low"), 16);
                range(builder, x, x("low") - x("x") * F::from_u32(8), 4);
                range(builder, x, x("x"), 13);
            }),
            7,
            [0x1_0007, 0x1fff, 0],
        ),
        (
            "the low part is a column and too wide",
            toy(|builder, x| {
                begin(builder, x);
                range(builder, x, x("low"), 16);
                range(builder, x, x("x"), 4);
                range(builder, x, (x("low") - x("x")) * F::from_u32(8).inverse(), 13);
            }),
            7,
            [0x1_0007, 15, 0],
        ),
        (
            "the high part is too wide",
            toy(|builder, x| {
                begin(builder, x);
                range(builder, x, x("low"), 16);
                range(builder, x, x("low") - x("x") * F::from_u32(8), 3);
                range(builder, x, x("x"), 14);
            }),
            7,
            [0x1_0000, 0x2000, 0],
        ),
        (
            "the low part has no range check",
            toy(|builder, x| {
                begin(builder, x);
                range(builder, x, x("low"), 16);
                range(builder, x, x("x"), 13);
            }),
            6,
            [0x1_0000, 0x1fff, 0],
        ),
        (
            "the high part has no range check",
            toy(|builder, x| {
                begin(builder, x);
                range(builder, x, x("low"), 16);
                range(builder, x, x("low") - x("x") * F::from_u32(8), 3);
            }),
            6,
            [0x1_0000, 0x2000, 0],
        ),
        (
            "another multiple",
            toy(|builder, x| {
                begin(builder, x);
                range(builder, x, x("low"), 16);
                range(builder, x, x("low") - x("x") * F::from_u32(9), 3);
                range(builder, x, x("x"), 13);
            }),
            7,
            [0x1_1ff7, 0x1fff, 0],
        ),
        (
            "the parts are wholes themselves",
            toy(|builder, x| {
                begin(builder, x);
                range(builder, x, x("low"), 16);
                range(builder, x, x("x"), 16);
                range(builder, x, x("low") - x("x"), 0);
                range(builder, x, x("x") - x("low"), 0);
            }),
            8,
            [0x1_0000, 0x1_0000, 0],
        ),
        (
            "a byte has eight bits",
            toy(|builder, x| {
                begin(builder, x);
                range(builder, x, x("low"), 7);
                BITWISE_BUS.query(builder, [x("low"), x("x"), x("y")], x("valid"));
            }),
            6,
            [0x80, 0, 0x80],
        ),
    ];
    for (what, toy, messages, [low, x, y]) in cases {
        let toys = Toys::of(&[toy]);
        assert_eq!(toys.circuit().unwrap().num_messages(), messages, "{what}");
        toys.refuses(|column, _| match column {
            "low" => low,
            "x" => x,
            "y" => y,
            _ => 0,
        });
    }
}

/// Returns a row of toys of one instruction, with these values of low, high, x and y.
fn values([low, high, x, y]: [u32; 4]) -> impl Fn(&str, usize) -> u32 {
    move |column, _| match column {
        "low" => low,
        "high" => high,
        "x" => x,
        "y" => y,
        _ => 0,
    }
}

#[test]
fn products_are_replaced_by_the_only_factor_that_can_be_zero() {
    // A copy, written as an addition of 0 with a carry that the ranges of cells exclude.
    let copy = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 16);
        builder.assert_zero((x("low") - x("x")) * (x("low") - x("x") - constant(1 << 16)));
    });
    let toys = Toys::of(&[copy]);
    // Without x: the selector, the time, the two cells, and the time of the access before.
    assert_eq!(toys.circuit().unwrap().num_columns(), 5, "{:?}", toys.lifter().names);
    toys.accepts(values([0xffff, 0, 0xffff, 0]));
    // The same with the factors exchanged and with multiples.
    let other = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 16);
        let difference = x("low") - x("x");
        builder.assert_zero((difference.clone() + constant(1 << 16)) * F::from_u32(5) * (difference * F::from_u32(7)));
    });
    assert_eq!(Toys::of(&[other]).circuit().unwrap().num_columns(), 5);
}

#[test]
fn ranges_are_those_of_the_narrowest_query() {
    // x is below 2^8, so x − 2^8 is not 0.
    let byte = toy(|builder, x| {
        begin(builder, x);
        BITWISE_BUS.query(builder, [x("x"), x("low"), x("high")], x("valid"));
        builder.assert_zero(x("x") * (x("x") - constant(256)));
    });
    let narrow_first = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 8);
        range(builder, x, x("x"), 9);
        builder.assert_zero(x("x") * (x("x") - constant(256)));
    });
    let narrow_last = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 9);
        range(builder, x, x("x"), 8);
        builder.assert_zero(x("x") * (x("x") - constant(256)));
    });
    let wide = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 9);
        builder.assert_zero(x("x") * (x("x") - constant(256)));
    });
    for (toy, columns) in [(byte, 5), (narrow_first, 5), (narrow_last, 5), (wide, 6)] {
        let toys = Toys::of(&[toy]);
        assert_eq!(toys.circuit().unwrap().num_columns(), columns, "{:?}", toys.lifter().names);
        toys.accepts(values([7, 7, 0, 0]));
    }
    // No table has as many bits, so no row exists.
    let beyond = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 2000);
        builder.assert_zero(x("x") * (x("x") - constant(256)));
    });
    Toys::of(&[beyond]).refuses(values([7, 7, 0, 0]));
}

#[test]
fn products_of_which_either_factor_can_be_zero_remain() {
    let carry = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 16);
        builder.assert_zero((x("low") - x("x")) * (x("low") - x("x") - constant(0xffff)));
    });
    let wide = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("low") - x("x"), 16);
        builder.assert_zero((x("low") - x("x")) * (x("low") - x("x") - constant(1 << 15)));
    });
    // x has no range, so the second factor is 0 where x is −2^16.
    let unbounded = toy(|builder, x| {
        begin(builder, x);
        builder.assert_zero((x("low") - x("x")) * (x("low") - x("x") - constant(1 << 16)));
    });
    // The factor is p on some row: 2^15·low reaches beyond the field's order.
    let order = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 16);
        let sum = x("low") * F::from_u32(1 << 15) + x("x") - constant(1);
        builder.assert_zero((x("low") - x("x")) * sum);
    });
    // A sum of a product and something else.
    let sum = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 16);
        builder.assert_zero((x("low") - x("x")) * (x("low") - x("x") - constant(1 << 16)) - x("high"));
    });
    let p = F::ORDER_U64 as u32;
    for (what, toy, row) in [
        ("carry", carry, [0xffff, 0, 0, 0]),
        ("wide", wide, [0x8001, 0, 1, 0]),
        ("unbounded", unbounded, [0, 0, p - (1 << 16), 0]),
        ("order", order, [0xf000, 0, p - (0xf000 << 15) + 1, 0]),
        ("sum", sum, [1, p - 0xffff, 0, 0]),
    ] {
        let toys = Toys::of(&[toy]);
        assert_eq!(toys.circuit().unwrap().num_columns(), 6, "{what}: {:?}", toys.lifter().names);
        toys.accepts(values(row));
    }
}

#[test]
fn booleans_have_the_only_value_that_passes_a_range_check() {
    // 7 − x is even for x = 1 only, and 8 − x for x = 0 only.
    let odd = toy(|builder, x| {
        begin(builder, x);
        builder.assert_bool(x("x"));
        range(builder, x, (constant(7) - x("x")) * F::TWO.inverse(), 15);
    });
    let even = toy(|builder, x| {
        begin(builder, x);
        builder.assert_bool(x("x"));
        range(builder, x, (constant(8) - x("x")) * F::TWO.inverse(), 15);
    });
    for (toy, x) in [(odd, 1), (even, 0)] {
        let toys = Toys::of(&[toy]);
        assert_eq!(toys.circuit().unwrap().num_columns(), 5, "{:?}", toys.lifter().names);
        assert_eq!(toys.circuit().unwrap().num_messages(), 4);
        toys.accepts(values([1, 2, x, 0]));
    }
    // Both pass.
    let free = toy(|builder, x| {
        begin(builder, x);
        builder.assert_bool(x("x"));
        range(builder, x, constant(7) - x("x"), 15);
    });
    // Another variable decides.
    let two = toy(|builder, x| {
        begin(builder, x);
        builder.assert_bool(x("x"));
        range(builder, x, (x("low") - x("x")) * F::TWO.inverse(), 15);
    });
    // x is 0 or 3: not a boolean.
    let three = toy(|builder, x| {
        begin(builder, x);
        builder.assert_zero(x("x") * (x("x") - constant(3)));
        range(builder, x, constant(7) - x("x") * F::from_u32(8), 4);
        range(builder, x, x("x"), 2);
    });
    for (toy, x) in [(free, 0), (free, 1), (two, 1)] {
        let toys = Toys::of(&[toy]);
        assert_eq!(toys.circuit().unwrap().num_columns(), 6, "{:?}", toys.lifter().names);
        toys.accepts(values([1, 2, x, 0]));
    }
    assert_eq!(Toys::of(&[three]).circuit().unwrap().num_columns(), 6);
    // Neither passes: no run follows the path.
    let neither = toy(|builder, x| {
        begin(builder, x);
        range(builder, x, x("x"), 16);
        builder.assert_zero((x("x") + constant(1)) * (x("x") + constant(2)));
    });
    let error = Toys::of(&[neither]).circuit().unwrap_err();
    assert!(matches!(&error, FusionError::Impossible { reason, .. } if reason.contains("no factor")), "{error}");
}

#[test]
fn constraints_are_dropped_only_with_a_column_that_nothing_else_reads() {
    // One after another: y depends on x.
    let computed = toy(|builder, x| {
        begin(builder, x);
        builder.assert_zero(x("x") * F::from_u32(3) - x("low") * x("high"));
        builder.assert_zero(x("y") + x("x") * x("high"));
    });
    let circuit = Toys::of(&[computed]).circuit().unwrap();
    assert_eq!(circuit.num_columns(), 5, "{:?}", Toys::of(&[computed]).lifter().names);
    let x = F::from_u32(25) * F::from_u32(3).inverse();
    Toys::of(&[computed, computed]).accepts(|column, _| match column {
        "x" => x.as_canonical_u32(),
        "y" => (-x * F::from_u32(5)).as_canonical_u32(),
        _ => 5,
    });

    let queried = toy(|builder, x| {
        begin(builder, x);
        builder.assert_zero(x("x") - x("low") * x("high"));
        range(builder, x, x("x"), 16);
    });
    let constrained = toy(|builder, x| {
        begin(builder, x);
        builder.assert_zero(x("x") - x("low") * x("high"));
        builder.assert_zero((x("x") - x("valid") * F::from_u32(25)) * (x("y") - x("valid") * F::from_u32(7)));
    });
    let squared = toy(|builder, x| {
        begin(builder, x);
        builder.assert_zero(x("x") - x("x") * x("low"));
    });
    let sent = toy(|builder, x| {
        step(builder, x, Expr::ZERO, Expr::ZERO);
        builder.assert_zero(x("x") - x("low") * x("high"));
        let pointer = || x("valid") * F::from_u32(8);
        MEMORY_BUS.receive(builder, [Expr::ONE, pointer(), x("low"), x("high"), x("before")], x("valid"));
        MEMORY_BUS.send(builder, [Expr::ONE, pointer(), x("x"), x("high"), x("time")], x("valid"));
    });
    for (toy, y) in [(queried, 0), (constrained, 5), (sent, 0)] {
        let value = |x| {
            move |column: &str, _| match column {
                "x" => x,
                "y" => y,
                _ => 5,
            }
        };
        Toys::of(&[toy]).accepts(value(25));
        Toys::of(&[toy]).refuses(value(26));
        Toys::of(&[toy, SPLIT]).refuses(value(26));
    }
    Toys::of(&[squared]).refuses(|column, _| if column == "x" { 1 } else { 5 });
    Toys::of(&[squared]).accepts(|column, _| if ["x", "y"].contains(&column) { 0 } else { 5 });
}

#[test]
fn constants_vanish_on_padding_rows() {
    let constants = toy(|builder, x| {
        begin(builder, x);
        let five = || x("valid") * F::from_u32(5);
        builder.assert_zero(x("x") * x("low") - five());
        builder.assert_zero((x("y") - five()) * (x("high") - five() - five()));
        range(builder, x, x("x") + five(), 8);
    });
    Toys::of(&[constants, constants]).accepts(|column, _| if column == "x" { 1 } else { 5 });
    Toys::of(&[constants]).refuses(|_, _| 5);
}

#[test]
fn queries_of_constants_are_decided_at_once() {
    let operand = Toy {
        columns: &["valid", "pc", "opcode", "time", "a", "b"],
        eval: |builder, x| {
            step(builder, x, x("a"), x("b"));
            range(builder, x, x("a"), 8);
            BITWISE_BUS.query(builder, [x("a"), x("b"), x("a") + x("b")], x("valid"));
        },
    };
    let of = |operands| Toys::new(&[(operand, operands), (operand, [0, 0])]).circuit();
    assert_eq!(of([0x0f, 0xf0]).unwrap().num_messages(), 2);
    for operands in [[256, 0], [1, 1], [0, 256]] {
        let error = of(operands).unwrap_err();
        assert!(matches!(error, FusionError::Impossible { .. }), "{error}");
    }
}

/// Circuits are made before key generation checks the AIRs of a machine.
#[test]
fn airs_that_key_generation_refuses_are_not_fused() {
    let arity = toy(|builder, x| {
        begin(builder, x);
        RANGE_BUS.query(builder, [x("x")], x("valid"));
    });
    let unknown = toy(|builder, x| {
        begin(builder, x);
        Bus::lookup("unknown", 1).query(builder, [x("x")], x("valid"));
    });
    let degree = toy(|builder, x| {
        begin(builder, x);
        let square = x("x") * x("x");
        builder.assert_zero(square.clone() * square - x("y"));
    });
    for (toy, why) in [(arity, "do not fit"), (unknown, "do not fit"), (degree, "degree is too high")] {
        let error = Toys::of(&[toy, toy]).circuit().map(drop).unwrap_err();
        assert!(matches!(error, FusionError::NotFusable { reason, .. } if reason.contains(why)), "{error}");
    }
}

#[test]
fn instructions_whose_rows_do_more_than_a_step_are_not_fused() {
    type Eval = fn(&mut SymbolicBuilder, Columns<'_>);
    let cases: [(&str, Eval); 14] = [
        ("the query of the instruction has another multiplicity than the step", |builder, x| {
            builder.assert_bool(x("x"));
            PROGRAM_BUS.query(builder, [const { Expr::ZERO }; 9], x("x"));
            EXECUTION_BUS.receive(builder, [x("pc"), x("time")], x("valid"));
            EXECUTION_BUS.send(builder, [x("pc"), x("time") + Expr::ONE], x("valid"));
        }),
        ("the step does not always go on", |builder, x| {
            builder.assert_bool(x("x"));
            PROGRAM_BUS.query(builder, [const { Expr::ZERO }; 9], x("valid"));
            EXECUTION_BUS.receive(builder, [x("pc"), x("time")], x("valid"));
            EXECUTION_BUS.send(builder, [x("pc"), x("time") + Expr::ONE], x("x"));
        }),
        ("its time depends on data", |builder, x| {
            PROGRAM_BUS.query(builder, [const { Expr::ZERO }; 9], x("valid"));
            EXECUTION_BUS.receive(builder, [x("pc"), x("time")], x("valid"));
            EXECUTION_BUS.send(builder, [x("pc"), x("time") + x("x")], x("valid"));
        }),
        ("it queries two instructions", |builder, x| {
            begin(builder, x);
            PROGRAM_BUS.query(builder, [const { Expr::ZERO }; 9], x("valid"));
        }),
        ("it queries no instruction", |builder, x| {
            EXECUTION_BUS.receive(builder, [x("pc"), x("time")], x("valid"));
            EXECUTION_BUS.send(builder, [x("pc"), x("time") + Expr::ONE], x("valid"));
        }),
        ("it makes two steps", |builder, x| {
            begin(builder, x);
            EXECUTION_BUS.receive(builder, [x("pc"), x("time")], x("valid"));
            EXECUTION_BUS.send(builder, [x("pc"), x("time") + Expr::ONE], x("valid"));
        }),
        ("it writes to memory without reading", |builder, x| {
            begin(builder, x);
            MEMORY_BUS.send(builder, [Expr::ONE, x("x"), x("low"), x("high"), x("time")], x("valid"));
        }),
        ("it moves a word", |builder, x| {
            begin(builder, x);
            MEMORY_BUS.receive(builder, [Expr::ONE, x("x"), x("low"), x("high"), x("before")], x("valid"));
            MEMORY_BUS.send(builder, [Expr::ONE, x("y"), x("low"), x("high"), x("time")], x("valid"));
        }),
        ("it moves a word to another space", |builder, x| {
            begin(builder, x);
            MEMORY_BUS.receive(builder, [Expr::ONE, x("x"), x("low"), x("high"), x("before")], x("valid"));
            MEMORY_BUS.send(builder, [Expr::TWO, x("x"), x("low"), x("high"), x("time")], x("valid"));
        }),
        ("it does not always make an access", |builder, x| {
            begin(builder, x);
            builder.assert_bool(x("y"));
            MEMORY_BUS.receive(builder, [Expr::ONE, x("x"), x("low"), x("high"), x("before")], x("y"));
            MEMORY_BUS.send(builder, [Expr::ONE, x("x"), x("low"), x("high"), x("time")], x("y"));
        }),
        ("a query has another multiplicity", |builder, x| {
            begin(builder, x);
            builder.assert_bool(x("y"));
            RANGE_BUS.query(builder, [x("x"), constant(8)], x("y"));
        }),
        ("it provides an entry", |builder, x| {
            begin(builder, x);
            RANGE_BUS.provide(builder, [x("x"), constant(8)], x("valid"));
        }),
        ("it sends on another bus", |builder, x| {
            begin(builder, x);
            PUBLIC_VALUES_BUS.send(builder, [const { Expr::ZERO }; 9], x("valid"));
        }),
        ("it reads the next row", |builder, x| {
            begin(builder, x);
            let next = builder.main().next_slice()[7];
            builder.when_transition().assert_zero(next);
        }),
    ];
    for (what, eval) in cases {
        let error = Toys::of(&[toy(eval), SPLIT]).circuit().map(drop);
        assert!(matches!(error, Err(FusionError::NotFusable { .. })), "{what}: {error:?}");
    }
}
