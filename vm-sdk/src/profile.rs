//! Profiles: where the instructions of a run and the cost of its proof go, by function, caller and source line.
//!
//! [`profile`] runs a program and follows its calls. The result is a [`Profile`], from which [`Profile::report`],
//! [`Profile::folded`] and [`Profile::pprof`] make tables and files. Costs are those of a proof without fused blocks and without
//! padding ([`vm_core::machine::Step::cost`]).

mod pprof;
mod report;
mod stack;
mod tree;

use std::collections::BTreeMap;

use vm_core::arch::authoring::PhantomSpec;
use vm_core::arch::{GuestMemory, Streams, VmConfig};
use vm_core::instructions::{Instruction, LocalOpcode, SystemOpcode};
use vm_core::machine::{VmChipComplex, VmExecutor};
use vm_core::system::memory::{MAIN_SPACE, REGISTER_SPACE};
use vm_rv32im::phantom::{SpanBegin, SpanEnd};

use crate::elf::{ElfImage, InlinedFunctions, Symbol};
use crate::error::SdkError;
use crate::program::GuestProgram;
use crate::sdk::execution_error;

pub use report::{CallerReport, CountsReport, FrameReport, LineReport, OpcodeReport, ProfileReport};
pub use tree::{CallTree, Counts, Edge, Frame, FrameCounts, FrameId, FrameKind, Node, NodeId};

pub(crate) use stack::{Function, Names, ShadowStack, Slot, Transfer};

/// Longest name of a span, in bytes; the rest is cut off.
const MAX_SPAN_NAME: u32 = 256;

/// Profile of a run.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Number of executed instructions.
    pub instructions: u64,
    /// Exit code of the guest.
    pub exit_code: u32,
    /// What the guest printed.
    pub output: Vec<u8>,
    /// Number of input vectors that the guest did not read.
    pub unread_inputs: usize,
    /// All calls.
    pub calls: CallTree,
    /// What was executed in each source line, by file and line. Code without a line is missing.
    pub lines: BTreeMap<(String, u32), Counts>,
    /// What was executed of each opcode, by name.
    pub opcodes: BTreeMap<String, Counts>,
}

impl Profile {
    /// Returns the sum of the whole run.
    pub fn total(&self) -> Counts {
        self.calls.nodes().iter().fold(Counts::default(), |sum, node| sum + node.own)
    }

    /// Returns one line for each node that has executed something: the names from the outermost caller on, separated by
    /// semicolons, and the cost in cells. Tools for flame graphs read this. Nodes with less than a ten thousandth of the cost
    /// count for their callers.
    pub fn folded(&self) -> Vec<String> {
        let (nodes, totals) = (self.calls.nodes(), self.calls.totals());
        let least = self.total().rows.total() / 10_000;
        let cost = |counts: &Counts| counts.rows.total();
        let mut own: Vec<u64> = nodes.iter().map(|node| cost(&node.own)).collect();
        let mut lines = Vec::new();
        for (index, node) in nodes.iter().enumerate().rev() {
            let is_small = cost(&totals[index]) < least;
            match node.parent {
                Some(parent) if is_small => own[parent as usize] += std::mem::take(&mut own[index]),
                _ if own[index] > 0 => {
                    let path = self.calls.path(index as NodeId);
                    let mut names: Vec<String> =
                        path.map(|node| label(self.calls.frame_of(node)).replace(';', ",")).collect();
                    names.reverse();
                    lines.push(format!("{} {}", names.join(";"), own[index]));
                }
                _ => {}
            }
        }
        lines.reverse();
        lines
    }
}

/// Returns the name of a frame, which shows its kind.
fn label(frame: &Frame) -> String {
    match frame.kind {
        FrameKind::Function => frame.name.clone(),
        FrameKind::Inlined => format!("{} (inlined)", frame.name),
        FrameKind::Span => format!("[{}]", frame.name),
    }
}

/// Runs a program and follows its calls. The run takes several times as long as [`crate::sdk::run`].
///
/// # Errors
///
/// - [`SdkError::Execution`] if the guest fails;
/// - [`SdkError::Machine`] or [`SdkError::Start`] if the machine cannot be built or cannot load the program.
pub fn profile<VC: VmConfig>(
    executor: &VmExecutor<VC>,
    program: &GuestProgram,
    streams: impl Into<Streams>,
) -> Result<Profile, SdkError> {
    let image = program.image();
    let names = ImageNames::new(image);
    let slots = slots(program, &names);
    let start = slots.iter().find(|slot| slot.pc == program.exe().pc_start).copied().unwrap_or_default();
    let mut stack = ShadowStack::new(names, &start);
    let mut counts = vec![Counts::default(); slots.len()];
    let execution = executor.execute_steps(program.exe(), streams, |step| {
        // The slots are those of the same program.
        let Some(slot) = slots.get(step.slot) else { return };
        let step_counts = Counts { instructions: 1, rows: step.cost };
        counts[step.slot] += step_counts;
        stack.step(slot, step.next_pc, step_counts, || span_name(step.memory, step.instruction));
    });
    let execution = execution.map_err(|error| execution_error(program, error))?;
    let complex = VmChipComplex::new(executor.config())?;
    let mut lines: BTreeMap<(String, u32), Counts> = BTreeMap::new();
    let mut opcodes: BTreeMap<String, Counts> = BTreeMap::new();
    let instructions = program.exe().program.regions().iter().flat_map(|region| &region.instructions);
    for ((slot, instruction), counts) in slots.iter().zip(instructions).zip(&counts) {
        let Some(instruction) = instruction.filter(|_| counts.instructions > 0) else { continue };
        *opcodes.entry(complex.opcode_name(instruction.opcode)).or_default() += *counts;
        if let Some((file, line)) = image.lines.find(slot.pc) {
            *lines.entry((file.to_owned(), line)).or_default() += *counts;
        }
    }
    Ok(Profile {
        instructions: execution.instructions,
        exit_code: execution.exit.code(),
        output: execution.printed,
        unread_inputs: execution.unread_inputs,
        calls: stack.into_tree(),
        lines,
        opcodes,
    })
}

/// Functions of an image.
pub(crate) struct ImageNames<'a> {
    /// In ascending order of address. Labels within a function are none.
    functions: Vec<&'a Symbol>,
    inlined: &'a InlinedFunctions,
}

impl<'a> ImageNames<'a> {
    pub(crate) fn new(image: &'a ElfImage) -> Self {
        let mut end = 0;
        let is_function = |symbol: &&Symbol| {
            let is_function = symbol.size > 0 || symbol.address >= end;
            end = end.max(symbol.address.saturating_add(symbol.size));
            is_function
        };
        Self { functions: image.symbols.iter().filter(is_function).collect(), inlined: &image.inlined }
    }

    pub(crate) fn find(&self, pc: u32) -> Function {
        let index = self.functions.partition_point(|symbol| symbol.address <= pc).checked_sub(1)?;
        self.functions[index].contains(pc).then_some(index as u32)
    }
}

impl Names for ImageNames<'_> {
    fn function(&self, function: u32) -> String {
        self.functions.get(function as usize).map_or_else(String::new, |symbol| symbol.demangled())
    }

    fn inlined(&self) -> &InlinedFunctions {
        self.inlined
    }
}

/// Returns what is known about each slot of the program table.
fn slots(program: &GuestProgram, names: &ImageNames<'_>) -> Vec<Slot> {
    let image = program.image();
    let [begin, end] = [SpanBegin.discriminant(), SpanEnd.discriminant()].map(u32::from);
    let slot = |pc: u32, instruction: &Option<Instruction>| {
        let Some(instruction) = instruction else { return Slot { pc, ..Slot::default() } };
        let is_phantom = SystemOpcode::from_opcode(instruction.opcode) == Some(SystemOpcode::PHANTOM);
        let transfer = match instruction.c {
            discriminant if is_phantom && discriminant == begin => Transfer::SpanBegin,
            discriminant if is_phantom && discriminant == end => Transfer::SpanEnd,
            _ => image.word(pc).map_or(Transfer::None, Transfer::of_word),
        };
        Slot { pc, function: names.find(pc), transfer, chain: names.inlined.chain(pc) }
    };
    let regions = program.exe().program.regions().iter();
    regions
        .flat_map(|region| (region.base..).step_by(4).zip(&region.instructions))
        .map(|(pc, instruction)| slot(pc, instruction))
        .collect()
}

/// Returns the name of a span, which is shown on terminals.
fn span_name(memory: &GuestMemory, instruction: &Instruction) -> String {
    let register = |pointer| memory.peek(REGISTER_SPACE, pointer).ok();
    let bytes = register(instruction.a).zip(register(instruction.b)).and_then(|(pointer, len)| {
        let len = len.min(MAX_SPAN_NAME);
        memory.peek_bytes(MAIN_SPACE, pointer, len as usize).ok()
    });
    let Some(bytes) = bytes else { return "(unreadable name)".to_owned() };
    let text = String::from_utf8_lossy(&bytes);
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
