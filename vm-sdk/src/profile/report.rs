//! Tables of a profile.

use std::cmp::Reverse;
use std::fmt;

use serde::Serialize;

use super::tree::{Counts, Frame, FrameKind};
use super::{Profile, label};
use crate::report::{GuestOutput, grouped};

/// Number of callers that are shown for a function.
const MAX_CALLERS: usize = 3;

/// Instructions and rows of a part of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CountsReport {
    /// Number of instructions.
    pub instructions: u64,
    /// Number of rows.
    pub rows: u64,
    /// Number of main cells.
    pub cells: u64,
    /// Number of messages.
    pub messages: u64,
    /// The cells, and two for each message.
    pub cost: u64,
    /// Cost as a part of that of the run: from 0 to 1.
    pub share: f64,
}

impl CountsReport {
    fn new(counts: Counts, whole: Counts) -> Self {
        let Counts { instructions, rows } = counts;
        let cost = rows.total();
        let share = cost as f64 / (whole.rows.total() as f64).max(1.0);
        Self { instructions, rows: rows.rows, cells: rows.cells, messages: rows.messages, cost, share }
    }
}

/// A function or span of the program.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FrameReport {
    /// Its name and kind.
    #[serde(flatten)]
    pub frame: Frame,
    /// Number of calls; absent for inlined functions.
    pub calls: Option<u64>,
    /// What was executed in the function itself.
    pub own: CountsReport,
    /// What was executed in the function and in what it calls.
    pub total: CountsReport,
    /// The direct callers, those with the greatest cost first.
    pub callers: Vec<CallerReport>,
}

/// Calls of a function by one caller.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CallerReport {
    /// Name and kind of the caller.
    #[serde(flatten)]
    pub frame: Frame,
    /// Number of calls; absent for inlined functions.
    pub calls: Option<u64>,
    /// What was executed in these calls, without recursive ones.
    pub total: CountsReport,
}

/// A source line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LineReport {
    /// Path of the file.
    pub file: String,
    /// Number of the line.
    pub line: u32,
    /// What was executed in the line.
    #[serde(flatten)]
    pub counts: CountsReport,
}

/// An opcode.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OpcodeReport {
    /// Name of the opcode.
    pub name: String,
    /// Its instructions.
    #[serde(flatten)]
    pub counts: CountsReport,
}

/// Tables of a profile. As text, the first rows of each; as an object, all.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ProfileReport {
    /// Exit code of the guest.
    pub exit_code: u32,
    /// What the guest printed.
    #[serde(flatten)]
    pub output: GuestOutput,
    /// Number of input vectors that the guest did not read.
    pub unread_inputs: usize,
    /// The whole run.
    #[serde(flatten)]
    pub counts: CountsReport,
    /// Whether callers are missing, because calls were too deep or too many.
    pub is_cut: bool,
    /// Functions and spans, those with the greatest own cost first.
    pub functions: Vec<FrameReport>,
    /// Source lines, those with the greatest cost first.
    pub lines: Vec<LineReport>,
    /// Opcodes, those with the greatest cost first.
    pub opcodes: Vec<OpcodeReport>,
    /// Number of rows of each table as text.
    #[serde(skip)]
    pub top: usize,
}

impl Profile {
    /// Returns the tables, of which `top` rows are shown as text.
    pub fn report(&self, top: usize) -> ProfileReport {
        let whole = self.total();
        let counts = |counts| CountsReport::new(counts, whole);
        let calls = |kind, calls| (kind != FrameKind::Inlined).then_some(calls);
        let frames = self.calls.frames();
        let functions = frames.iter().zip(self.calls.by_frame()).map(|(frame, sum)| FrameReport {
            frame: frame.clone(),
            calls: calls(frame.kind, sum.calls),
            own: counts(sum.own),
            total: counts(sum.total),
            callers: sum
                .callers
                .iter()
                .map(|edge| {
                    let (caller, calls) = (&frames[edge.caller as usize], calls(frame.kind, edge.calls));
                    CallerReport { frame: caller.clone(), calls, total: counts(edge.total) }
                })
                .collect(),
        });
        let mut functions: Vec<_> = functions.collect();
        functions.sort_by_key(|function| Reverse((function.own.cost, function.total.cost)));
        let line = |((file, line), line_counts): (&(String, u32), &Counts)| LineReport {
            file: file.clone(),
            line: *line,
            counts: counts(*line_counts),
        };
        let mut lines: Vec<_> = self.lines.iter().map(line).collect();
        lines.sort_by_key(|line| Reverse(line.counts.cost));
        let opcode = |(name, sum): (&String, &Counts)| OpcodeReport { name: name.clone(), counts: counts(*sum) };
        let mut opcodes: Vec<_> = self.opcodes.iter().map(opcode).collect();
        opcodes.sort_by_key(|opcode| Reverse(opcode.counts.cost));
        ProfileReport {
            exit_code: self.exit_code,
            output: GuestOutput(self.output.clone()),
            unread_inputs: self.unread_inputs,
            counts: counts(whole),
            is_cut: self.calls.is_cut(),
            functions,
            lines,
            opcodes,
            top,
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

impl fmt::Display for ProfileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [instructions, rows, cells, messages, cost] =
            [self.counts.instructions, self.counts.rows, self.counts.cells, self.counts.messages, self.counts.cost]
                .map(grouped);
        writeln!(f, "instructions   {instructions}")?;
        writeln!(f, "rows           {rows}, with {cells} cells and {messages} messages, without padding")?;
        writeln!(f, "cost           {cost} cells, with two for each message")?;
        if self.is_cut {
            writeln!(f, "calls          cut: some were too deep, and some of their callers are missing")?;
        }
        if self.functions.iter().all(|function| function.frame.name.starts_with("0x")) {
            writeln!(f, "functions      without names: the executable has no symbols")?;
        }
        writeln!(f)?;
        let head = ["own cost", "total cost", "own instr.", "total instr.", "calls"];
        writeln!(f, "{:>23} {:>25} {:>14} {:>14} {:>12}  function", head[0], head[1], head[2], head[3], head[4])?;
        for function in self.functions.iter().take(self.top) {
            let FrameReport { own, total, .. } = function;
            let calls = function.calls.map_or_else(String::new, grouped);
            writeln!(
                f,
                "{:>14} {:>8}  {:>14} {:>8} {:>14} {:>14} {calls:>12}  {}",
                grouped(own.cost),
                percent(own.share),
                grouped(total.cost),
                percent(total.share),
                grouped(own.instructions),
                grouped(total.instructions),
                label(&function.frame)
            )?;
            for caller in function.callers.iter().take(MAX_CALLERS) {
                let calls = caller.calls.map_or_else(String::new, grouped);
                let CountsReport { cost, share, instructions, .. } = caller.total;
                let (cost, share, instructions) = (grouped(cost), percent(share), grouped(instructions));
                let name = label(&caller.frame);
                writeln!(f, "{cost:>39} {share:>8} {instructions:>29} {calls:>12}    from {name}")?;
            }
        }
        if !self.lines.is_empty() {
            writeln!(f, "\n{:>23} {:>14}  line", "cost", "instructions")?;
        }
        for LineReport { file, line, counts } in self.lines.iter().take(self.top) {
            let CountsReport { cost, share, instructions, .. } = *counts;
            let (cost, share, instructions) = (grouped(cost), percent(share), grouped(instructions));
            writeln!(f, "{cost:>14} {share:>8} {instructions:>14}  {file}:{line}")?;
        }
        writeln!(f, "\n{:>23} {:>14} {:>14}  opcode", "cost", "instructions", "rows")?;
        for OpcodeReport { name, counts } in self.opcodes.iter().take(self.top) {
            let CountsReport { cost, share, instructions, rows, .. } = *counts;
            let [cost, instructions, rows] = [cost, instructions, rows].map(grouped);
            writeln!(f, "{cost:>14} {:>8} {instructions:>14} {rows:>14}  {name}", percent(share))?;
        }
        Ok(())
    }
}
