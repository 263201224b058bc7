//! Results of commands, as text for people and (by `serde`) as objects for programs.

use std::borrow::Cow;
use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::backtrace::Backtrace;
use crate::cpu::Vectors;

/// Bytes that reports show in hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl fmt::Display for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

/// What a guest printed. Serialised as the text `output`; if the bytes are not UTF-8, the wrong ones are U+FFFD there, and
/// `output_hex` has all bytes in hexadecimal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuestOutput(pub Vec<u8>);

impl Serialize for GuestOutput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        let text = String::from_utf8_lossy(&self.0);
        fields.serialize_entry("output", &text)?;
        if let Cow::Owned(_) = text {
            fields.serialize_entry("output_hex", &hex::encode(&self.0))?;
        }
        fields.end()
    }
}

/// Report of a run without a proof.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RunReport {
    /// Number of executed instructions.
    pub instructions: u64,
    /// Number of segments that a proof would have; absent for pure runs.
    pub segments: Option<usize>,
    /// Exit code of the guest.
    pub exit_code: u32,
    /// Public values, in hexadecimal.
    pub public_values: HexBytes,
    /// What the guest printed.
    #[serde(flatten)]
    pub output: GuestOutput,
    /// The calls that had not ended, if the guest panicked or aborted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backtrace: Option<Backtrace>,
    /// Number of input vectors that the guest did not read.
    pub unread_inputs: usize,
    /// Rows per chip without padding, in descending order; empty for pure runs.
    pub chips: Vec<RowReport>,
    /// Wall-clock seconds of the execution.
    pub run_seconds: f64,
    /// Instructions per second.
    pub instructions_per_second: f64,
    /// Largest resident set of the process, in bytes.
    pub peak_rss_bytes: Option<u64>,
}

/// Number of rows that an AIR would have in a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowReport {
    /// Name of the AIR.
    pub name: String,
    /// Number of rows without padding.
    pub rows: usize,
}

/// Rows and cells of an AIR, summed over instances and segments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChipReport {
    /// AIR.
    pub name: String,
    /// Number of main columns.
    pub columns: usize,
    /// Number of committed columns: the main columns, and four per lookup column and accumulator.
    pub committed_columns: usize,
    /// Number of instances.
    pub instances: usize,
    /// Number of used rows.
    pub rows: u64,
    /// Number of rows, padding included.
    pub padded_rows: u64,
    /// Number of main cells, padding included.
    pub main_cells: u64,
    /// Number of messages, those of padding rows included.
    pub messages: u64,
    /// Number of committed base-field cells of the univariate backend, padding included.
    pub committed_cells: u64,
}

/// Time of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PhaseReport {
    /// Name of the phase.
    pub name: &'static str,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// How much was checked on the traces of a run, without a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Number of segments.
    pub segments: usize,
    /// Number of rows of all traces, padding included.
    pub rows: u64,
    /// Number of constraints of the AIRs that have rows.
    pub constraints: usize,
    /// Number of buses.
    pub buses: usize,
}

/// Report of a proof that was made and verified.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ProveReport {
    /// Instructions executed.
    pub instructions: u64,
    /// Segments of the proof.
    pub segments: usize,
    /// Exit code of the guest.
    pub exit_code: u32,
    /// Public values, in hexadecimal.
    pub public_values: HexBytes,
    /// Commitment of the program in hexadecimal, which verifiers need.
    pub exe_commitment: String,
    /// Commitment in hexadecimal that verifiers without the machine's code need. It differs if blocks are fused.
    pub trusted_commitment: String,
    /// Number of instructions that rows of fused blocks prove.
    pub fused_instructions: u64,
    /// What the guest printed.
    #[serde(flatten)]
    pub output: GuestOutput,
    /// Number of input vectors that the guest did not read.
    pub unread_inputs: usize,
    /// Number of segments that were proven now. The proofs of the others were in the folder of the run.
    pub proven_segments: usize,
    /// Number of instructions of the segments that were proven now.
    pub proven_instructions: u64,
    /// What `--debug` has checked.
    pub checked: Option<CheckReport>,
    /// Wall-clock seconds from the loaded program and key to the proof: metered run, traces and proofs. 0 for merged proofs.
    pub prove_seconds: f64,
    /// Processor seconds of the same.
    pub prove_cpu_seconds: f64,
    /// Wall-clock seconds of the verification.
    pub verify_seconds: f64,
    /// Size of the proof file in bytes.
    pub proof_bytes: usize,
    /// Security of the weakest segment, in bits.
    pub security_bits: f64,
    /// Analysis under which the bits hold.
    pub security_regime: String,
    /// Name of the security preset.
    pub security_preset: &'static str,
    /// Proof system.
    pub engine: &'static str,
    /// Number of main cells of all segments, padding included.
    pub main_cells: u64,
    /// Number of messages of all segments, those of padding rows included.
    pub messages: u64,
    /// Number of base-field cells that the univariate backend commits per executed instruction, padding included.
    pub committed_columns_per_instruction: f64,
    /// Largest resident set of the process, in bytes.
    pub peak_rss_bytes: Option<u64>,
    /// Vector instructions of the prover, and those of the CPU.
    pub vectors: Vectors,
    /// Time per phase.
    pub phases: Vec<PhaseReport>,
    /// Rows and cells per AIR, in descending order of committed cells.
    pub chips: Vec<ChipReport>,
}

/// What the proof of a run will take, estimated before it is made.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct EstimateReport {
    /// Instructions of the run.
    pub instructions: u64,
    /// Segments of the proof.
    pub segments: usize,
    /// What the guest printed.
    #[serde(flatten)]
    pub output: GuestOutput,
    /// Number of input vectors that the guest did not read.
    pub unread_inputs: usize,
    /// Number of segments that will be proven at the same time.
    pub jobs: usize,
    /// Peak memory of the prover, in bytes.
    pub memory_bytes: usize,
    /// Memory that is available now without swapping, in bytes, if the system reports it.
    pub available_memory_bytes: Option<u64>,
    /// Wall-clock seconds in which the keys were made now. The proof makes them again.
    pub setup_seconds: f64,
    /// Wall-clock seconds from the loaded program and key to the proof, with one job.
    pub prove_seconds: f64,
    /// Processor seconds of the same.
    pub prove_cpu_seconds: f64,
    /// Size of the proof file in bytes.
    pub proof_bytes: usize,
    /// Security of the weakest segment, in bits.
    pub security_bits: f64,
    /// Analysis under which the bits hold.
    pub security_regime: String,
    /// Name of the security preset.
    pub security_preset: &'static str,
    /// Proof system.
    pub engine: &'static str,
    /// Number of instructions that were proven to know the speed of this computer.
    pub sample_instructions: u64,
    /// Wall-clock seconds that this took.
    pub sample_seconds: f64,
}

/// Report of a segment that was proven separately.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SegmentReport {
    /// Index of the segment, counted from 0.
    pub segment: usize,
    /// Segments of the run.
    pub segments: usize,
    /// Instructions of the segment.
    pub instructions: u64,
    /// Wall-clock seconds: execution, traces, proof.
    pub prove_seconds: f64,
    /// Processor seconds of the same.
    pub prove_cpu_seconds: f64,
    /// Security of the proof, in bits.
    pub security_bits: f64,
    /// Largest resident set of the process, in bytes.
    pub peak_rss_bytes: Option<u64>,
    /// Vector instructions of the prover, and those of the CPU.
    pub vectors: Vectors,
}

/// Report of a run that was divided into segments.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PlanReport {
    /// Instructions of the run.
    pub instructions: u64,
    /// What the guest printed.
    #[serde(flatten)]
    pub output: GuestOutput,
    /// Number of input vectors that the guest did not read.
    pub unread_inputs: usize,
    /// Segments of the run.
    pub segments: usize,
    /// Instructions per segment.
    pub segment_instructions: Vec<u64>,
}

/// Report of a verified proof.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Always `true`, because a proof that does not verify is an error.
    pub verified: bool,
    /// Segments of the proof.
    pub segments: usize,
    /// Exit code of the guest.
    pub exit_code: u32,
    /// Public values, in hexadecimal.
    pub public_values: HexBytes,
    /// Commitment of the program, in hexadecimal.
    pub exe_commitment: String,
    /// Wall-clock seconds of the verification, without reading files and computing keys.
    pub verify_seconds: f64,
    /// Wall-clock seconds to compute the key, if the executable was given instead of the key.
    pub setup_seconds: Option<f64>,
    /// Size of the proof file in bytes.
    pub proof_bytes: usize,
    /// Security of the weakest segment, in bits.
    pub security_bits: f64,
    /// Analysis under which the bits hold.
    pub security_regime: String,
    /// Name of the security preset.
    pub security_preset: &'static str,
    /// Proof system.
    pub engine: &'static str,
    /// Largest resident set of the process, in bytes.
    pub peak_rss_bytes: Option<u64>,
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let speed = self.instructions_per_second / 1e6;
        writeln!(f, "instructions   {} in {:.3} s ({speed:.1} M/s)", grouped(self.instructions), self.run_seconds)?;
        if let Some(segments) = self.segments {
            writeln!(f, "segments       {segments}")?;
        }
        writeln!(f, "exit code      {}", self.exit_code)?;
        writeln!(f, "public values  {}", self.public_values)?;
        let width = self.chips.iter().map(|chip| chip.name.len()).max().unwrap_or(0);
        for chip in &self.chips {
            writeln!(f, "{:width$}  {:>14} rows", chip.name, grouped(chip.rows as u64))?;
        }
        Ok(())
    }
}

impl fmt::Display for ProveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "instructions   {}", grouped(self.instructions))?;
        writeln!(f, "segments       {}", self.segments)?;
        writeln!(f, "exit code      {}", self.exit_code)?;
        writeln!(f, "public values  {}", self.public_values)?;
        writeln!(f, "program        {}", self.exe_commitment)?;
        if self.trusted_commitment != self.exe_commitment {
            let share = 100.0 * self.fused_instructions as f64 / self.instructions.max(1) as f64;
            writeln!(f, "circuits       {}, {share:.1} % of the instructions are fused", self.trusted_commitment)?;
        }
        if let Some(CheckReport { segments, rows, constraints, buses }) = self.checked {
            let (segments, rows) = (counted(segments, "segment"), grouped(rows));
            writeln!(
                f,
                "checked        {segments}, {rows} rows: all {constraints} constraints hold, all {buses} buses balance"
            )?;
        }
        if self.proven_segments > 0 {
            let speed = self.proven_instructions as f64 / self.prove_seconds.max(1e-9) / 1e3;
            write!(
                f,
                "proving        {:.2} s ({:.2} s CPU), {speed:.0} k instructions/s",
                self.prove_seconds, self.prove_cpu_seconds
            )?;
            let before = self.segments.saturating_sub(self.proven_segments);
            if before > 0 {
                let (now, before) = (counted(self.proven_segments, "segment"), counted(before, "segment"));
                write!(f, " ({now}; {before} had been proven before)")?;
            }
            writeln!(f)?;
        }
        for phase in &self.phases {
            writeln!(f, "  {:<16} {:.3} s", phase.name, phase.seconds)?;
        }
        writeln!(f, "verifying      {:.3} s", self.verify_seconds)?;
        writeln!(f, "proof          {} bytes, {} engine", grouped(self.proof_bytes as u64), self.engine)?;
        writeln!(
            f,
            "security       {:.1} bits, {} ({})",
            self.security_bits, self.security_regime, self.security_preset
        )?;
        writeln!(
            f,
            "cells          {} main; {:.1} committed columns per instruction",
            grouped(self.main_cells),
            self.committed_columns_per_instruction
        )?;
        if let Some(bytes) = self.peak_rss_bytes {
            writeln!(f, "peak memory    {:.0} MiB", bytes as f64 / f64::from(1 << 20))?;
        }
        write_chips(f, &self.chips)
    }
}

impl fmt::Display for EstimateReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |bytes: u64| grouped(bytes >> 20);
        writeln!(f, "instructions   {}", grouped(self.instructions))?;
        writeln!(f, "segments       {}", self.segments)?;
        write!(f, "memory         {} MiB", mebibytes(self.memory_bytes as u64))?;
        match self.available_memory_bytes {
            Some(available) if available < self.memory_bytes as u64 => {
                writeln!(f, " of {} MiB: too much, lower --segment-memory", mebibytes(available))?;
            }
            Some(available) => writeln!(f, " of {} MiB that are available", mebibytes(available))?,
            None => writeln!(f)?,
        }
        writeln!(f, "proving        about {:.1} s ({:.1} s CPU)", self.prove_seconds, self.prove_cpu_seconds)?;
        writeln!(f, "setup          {:.1} s", self.setup_seconds)?;
        writeln!(f, "proof          about {} bytes, {} engine", grouped(self.proof_bytes as u64), self.engine)?;
        writeln!(
            f,
            "security       {:.1} bits, {} ({})",
            self.security_bits, self.security_regime, self.security_preset
        )?;
        let (instructions, seconds) = (grouped(self.sample_instructions), self.sample_seconds);
        writeln!(f, "samples        {instructions} instructions, proven in {seconds:.1} s")
    }
}

impl fmt::Display for SegmentReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segment, segments, prove_seconds, prove_cpu_seconds, security_bits, .. } = self;
        let segments = counted(*segments, "segment");
        writeln!(f, "segment        {segment} (of {segments}), {} instructions", grouped(self.instructions))?;
        writeln!(f, "proving        {prove_seconds:.2} s ({prove_cpu_seconds:.2} s CPU)")?;
        writeln!(f, "security       {security_bits:.1} bits")
    }
}

impl fmt::Display for PlanReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "instructions   {}", grouped(self.instructions))?;
        writeln!(f, "segments       {}", self.segments)?;
        for (segment, instructions) in self.segment_instructions.iter().enumerate() {
            writeln!(f, "  {segment:>5}  {:>16} instructions", grouped(*instructions))?;
        }
        Ok(())
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "valid proof    {} bytes, {} engine", grouped(self.proof_bytes as u64), self.engine)?;
        writeln!(f, "segments       {}", self.segments)?;
        writeln!(f, "exit code      {}", self.exit_code)?;
        writeln!(f, "public values  {}", self.public_values)?;
        writeln!(f, "program        {}", self.exe_commitment)?;
        writeln!(
            f,
            "security       {:.1} bits, {} ({})",
            self.security_bits, self.security_regime, self.security_preset
        )?;
        writeln!(f, "verifying      {:.3} s", self.verify_seconds)
    }
}

fn write_chips(f: &mut fmt::Formatter<'_>, chips: &[ChipReport]) -> fmt::Result {
    if chips.is_empty() {
        return Ok(());
    }
    let width = chips.iter().map(|chip| chip.name.len()).max().unwrap_or(0).max(4);
    writeln!(f, "{:width$}  columns  instances {:>14} {:>14} {:>16}", "chip", "rows", "padded", "main cells")?;
    for chip in chips {
        let [rows, padded, cells] = [chip.rows, chip.padded_rows, chip.main_cells].map(grouped);
        let (columns, instances) = (chip.columns, chip.instances);
        writeln!(f, "{:width$}  {columns:>7}  {instances:>9} {rows:>14} {padded:>14} {cells:>16}", chip.name)?;
    }
    Ok(())
}

/// Formats a number of things: "1 segment", "2 segments".
pub fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Formats a number with spaces between groups of three digits.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "segment")), ["0 segments", "1 segment", "2 segments"]);
        assert_eq!([0, 12, 999, 1000, 1_234_567].map(grouped), ["0", "12", "999", "1 000", "1 234 567"]);
    }

    #[test]
    fn output_is_text_and_loses_nothing() {
        let json = |bytes: &[u8]| serde_json::to_value(GuestOutput(bytes.to_vec())).unwrap();
        assert_eq!(json("né\n".as_bytes()), serde_json::json!({ "output": "né\n" }));
        assert_eq!(json(b"a\xff"), serde_json::json!({ "output": "a\u{fffd}", "output_hex": "61ff" }));
    }

    #[test]
    fn bytes_serialize_as_hexadecimal_text() {
        let phase = PhaseReport { name: "setup", seconds: 1.5 };
        let json = serde_json::to_value((HexBytes(vec![0xab, 1]), phase)).unwrap();
        assert_eq!(json, serde_json::json!(["ab01", { "name": "setup", "seconds": 1.5 }]));
    }
}
