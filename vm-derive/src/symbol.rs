//! Names and forms of all attributes and their arguments, and suggestions for misspelt ones.

use std::fmt::Write;

use crate::attr::{Key, Keys};

pub(crate) const CRATE: &str = "crate";

/// Option of every attribute macro, and of the derives' `#[vm(…)]`.
pub(crate) const SDK: Keys = list("option", &[Key::value(CRATE, "\"::my_sdk\"")]);
/// Attribute of all derives.
pub(crate) const VM: Keys = attributes("attribute", &[Key::list("vm", "crate = \"::my_sdk\"")]);

/// Attribute of `LocalOpcode`.
pub(crate) const OPCODE_CLASS: Keys = attributes("attribute", &[Key::value("opcode_offset", "0x200")]);

/// Marks a variant whose field is an enum that implements `AnyEnum` itself.
pub(crate) const ANY_ENUM: Keys = attributes("attribute", &[Key::flag("any_enum")]);
/// Marks the field of a struct to which a derive delegates.
pub(crate) const CHIP: Keys = attributes("attribute", &[Key::flag("chip")]);

pub(crate) const SYSTEM: &str = "system";
pub(crate) const EXTENSION: &str = "extension";
/// Attributes of the fields of a machine.
pub(crate) const MACHINE_FIELD: Keys = attributes("attribute", &[Key::flag(SYSTEM), Key::flag(EXTENSION)]);

pub(crate) const READ: &str = "read";
pub(crate) const WRITE: &str = "write";
pub(crate) const VALID: &str = "valid";
pub(crate) const OPCODE: &str = "opcode";
pub(crate) const OPCODE_BIT: &str = "opcode_bit";
pub(crate) const BOOL: &str = "bool";
pub(crate) const ONE_HOT: &str = "one_hot";
pub(crate) const RANGE: &str = "range";
pub(crate) const FREE: &str = "free";
pub(crate) const REGISTER: &str = "register";
pub(crate) const CARRIED: &str = "carried";
/// Roles of columns.
pub(crate) const ROLES: Keys = Keys {
    kind: "column role",
    attributes: true,
    all: &[
        Key::list(READ, "0").meaning(" for the first value that the adapter reads"),
        Key::list(WRITE, "0").meaning(" for the first value that the adapter writes"),
        Key::flag(VALID),
        Key::list(OPCODE, "MyInstructions::VARIANT").meaning(" for rows of this instruction"),
        Key::list(OPCODE_BIT, "1").meaning(", the number that the column adds to the instruction's number"),
        Key::flag(BOOL),
        Key::flag(ONE_HOT),
        Key::list(RANGE, "8").meaning(" for columns below 2^8"),
        Key::list(FREE, "\"witnesses that a difference is not zero\"")
            .meaning(", the reason why the prover's choice is harmless"),
        Key::list(REGISTER, "0, bits = 29, step = 4").meaning(" for a pointer in the register of the first operand"),
        Key::either(CARRIED, "sum").meaning(" for columns that are equal to the columns `sum` of the row before"),
    ],
    inert: &["doc", "allow", "expect", "deprecated"],
};
/// Options of `#[read(…)]` and `#[write(…)]`.
pub(crate) const VALUE: Keys = list("option", &[Key::flag("proven")]);
pub(crate) const BITS: &str = "bits";
pub(crate) const STEP: &str = "step";
pub(crate) const COUNT: &str = "count";
/// Options of `#[register(…)]`.
pub(crate) const NUMBER: Keys = list("option", &[Key::value(BITS, "29"), Key::value(STEP, "4"), Key::flag(COUNT)]);

pub(crate) const ADAPTER: &str = "adapter";
pub(crate) const OPERANDS: &str = "operands";
pub(crate) const COLUMNS: &str = "columns";
pub(crate) const NAME: &str = "name";
pub(crate) const MULTI_ROW: &str = "multi_row";
pub(crate) const ENCODE: &str = "encode";
pub(crate) const GUEST: &str = "guest";
pub(crate) const COMPUTED: &str = "computed";
const ENCODE_KEY: Key =
    Key::list(ENCODE, "custom0, funct3 = 5, funct7 = 0").meaning(", the major opcode and the fields that are fixed");
const GUEST_KEY: Key = Key::either(GUEST, "fn name(x: u32, y: u32) -> u32");
/// Arguments of `#[instruction(…)]`, in the order of the documentation.
pub(crate) const INSTRUCTION: Keys = list(
    "argument",
    &[
        Key::value(ADAPTER, "Rv32Alu"),
        Key::value(OPERANDS, "Rv32Alu"),
        Key::value(COLUMNS, "MyCols"),
        Key::value(NAME, "\"Rotate\""),
        Key::value(OPCODE, "0x400"),
        Key::flag(MULTI_ROW),
        ENCODE_KEY,
        GUEST_KEY,
        Key::list(COMPUTED, "write(0)"),
        Key::value(CRATE, "\"::my_sdk\""),
    ],
);
pub(crate) const DISCRIMINANT: &str = "discriminant";
/// Arguments of `#[phantom(…)]`, in the order of the documentation.
pub(crate) const PHANTOM: Keys =
    list("argument", &[Key::value(DISCRIMINANT, "0x100"), ENCODE_KEY, GUEST_KEY, Key::value(CRATE, "\"::my_sdk\"")]);
pub(crate) const FORMAT: &str = "format";
pub(crate) const BRANCH: &str = "branch";
/// Arguments of `#[adapter(…)]`, in the order of the documentation.
pub(crate) const ADAPTER_ARGUMENTS: Keys = list(
    "argument",
    &[
        Key::value(FORMAT, "Rv32R"),
        Key::list(READ, "rs1, mem[rs2; 8]"),
        Key::list(WRITE, "rd"),
        Key::flag(BRANCH),
        Key::value(CRATE, "\"::my_sdk\""),
    ],
);
/// Attributes of the variants of an enum with `#[instruction]`.
pub(crate) const VARIANT: Keys = Keys {
    kind: "attribute of an instruction",
    attributes: true,
    all: &[ENCODE_KEY, GUEST_KEY],
    inert: &["doc", "allow", "expect", "deprecated", "default"],
};
/// Options of a guest function.
pub(crate) const GUEST_FUNCTION: Keys =
    list("option", &[Key::value("host", "path").meaning(", the function that does the same on the host")]);

pub(crate) const EXECUTOR: &str = "executor";
pub(crate) const PERIPHERY: &str = "periphery";
pub(crate) const INSTRUCTIONS: &str = "instructions";
pub(crate) const TESTS: &str = "tests";
pub(crate) const MACHINE: &str = "machine";
pub(crate) const EXECUTORS: &str = "executors";
pub(crate) const SPECIALISED: &str = "specialised";
pub(crate) const LOOKUPS: &str = "lookups";
pub(crate) const CHIPS: &str = "chips";
pub(crate) const PHANTOMS: &str = "phantoms";
pub(crate) const SHARED: &str = "shared";
pub(crate) const BUSES: &str = "buses";
pub(crate) const WORDS: &str = "words";
/// Arguments of `#[vm_extension(…)]`, in the order of the documentation.
pub(crate) const VM_EXTENSION: Keys = list(
    "argument",
    &[
        Key::list(INSTRUCTIONS, "MyInstruction"),
        Key::list(EXECUTORS, "Variant: MyChip => MyOpcode"),
        Key::list(SPECIALISED, "Variant: MyChip => MyOpcode"),
        Key::list(LOOKUPS, "Variant: MyTable"),
        Key::list(CHIPS, "Variant: MyChip"),
        Key::list(PHANTOMS, "MyPhantom"),
        Key::list(SHARED, "requests: Requests"),
        Key::list(BUSES, "MY_BUS"),
        Key::list(WORDS, "[MY_WORD]"),
        Key::value(EXECUTOR, "MyExecutor"),
        Key::value(PERIPHERY, "MyPeriphery"),
        Key::value(TESTS, "MyExtension::default()"),
        Key::value(MACHINE, "MyVm::default()"),
        Key::value(CRATE, "\"::my_sdk\""),
    ],
);

/// Attributes that would remove a field or variant without the macro's knowledge.
pub(crate) const CONDITIONS: [&str; 2] = ["cfg", "cfg_attr"];

const fn list(kind: &'static str, all: &'static [Key]) -> Keys {
    Keys { kind, attributes: false, all, inert: &[] }
}

const fn attributes(kind: &'static str, all: &'static [Key]) -> Keys {
    Keys { kind, attributes: true, all, inert: &[] }
}

/// Returns the error about an unknown name: what it is, which name was probably meant, and all legal ones.
pub(crate) fn unknown(kind: &str, name: &str, legal: &[&str]) -> String {
    let mut message = format!("unknown {kind} `{name}`");
    if let Some(closest) = closest(name, legal) {
        let _ = write!(message, "; did you mean `{closest}`?");
    }
    let _ = write!(message, "\nlegal here: `{}`", legal.join("`, `"));
    message
}

/// Returns the closest legal name, if it differs by at most a third of its letters.
fn closest<'a>(name: &str, legal: &[&'a str]) -> Option<&'a str> {
    legal
        .iter()
        .map(|candidate| (edit_distance(name, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(name.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the Levenshtein distance.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            next.push((row[j] + usize::from(x != *y)).min(row[j + 1] + 1).min(next[j] + 1));
        }
        row = next;
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{closest, edit_distance};

    #[test]
    fn edit_distance_counts_insertions_deletions_and_replacements() {
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("lookup", "lookups"), 1);
        assert_eq!(edit_distance("buses", "phantoms"), 7);
        assert_eq!(edit_distance("exec", "exec"), 0);
    }

    #[test]
    fn suggestions_are_close_or_absent() {
        let legal = ["executors", "lookups", "chips"];
        assert_eq!(closest("executor", &legal), Some("executors"));
        assert_eq!(closest("chip", &legal), Some("chips"));
        assert_eq!(closest("instructions", &legal), None);
    }
}
