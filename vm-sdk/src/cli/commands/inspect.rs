//! The command `inspect`.

use std::fmt::Write;
use std::path::Path;

use crate::arch::{HexDigest, VmVerifyingKey};
use crate::cli::args::InspectArgs;
use crate::cli::outcome::{Failure, print_json, print_text};
use crate::cli::{CliConfig, MachineSource};
use crate::elf::ElfImage;
use crate::error::SdkError;
use crate::fused::{PlanFile, instruction_texts};
use crate::program::GuestProgram;
use crate::report::{HexBytes, counted, grouped};
use crate::sdk::{self, ProofFile};
use crate::stark::codec::{self, FileHeader, FileKind, MAGIC};
use crate::stark::{SecurityReport, StarkEngine, list_machine};
use crate::transpiler::Transpiler;
use serde_json::{Value, json};

use super::{built, with_engine_of};

/// Output: text for people and an object for programs.
type Shown = (String, Value);

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &InspectArgs) -> Result<u8, Failure> {
    let machine = &source.machine(&args.machine)?;
    let (text, value) = match &args.file {
        None => airs(machine)?,
        Some(path) => {
            let path = built(path, &args.package, machine)?.path;
            let bytes = crate::files::read(&path, codec::MAX_FILE_LEN as u64)?;
            match &args.plan {
                Some(plan) => blocks(machine, plan, Some(&path))?,
                None if bytes.starts_with(&MAGIC) => ours(source, machine, &path, &bytes)?,
                None => elf(machine, &path, args.code)?,
            }
        }
    };
    if args.json {
        print_json(&value)?
    } else {
        print_text(&text)?
    }
    Ok(0)
}

fn airs<VC: CliConfig>(machine: &VC) -> Result<Shown, Failure> {
    let set = sdk::machine_airs(machine)?;
    let airs: Vec<_> = set
        .airs
        .iter()
        .map(|air| json!({ "name": air.name(), "columns": air.column_names(), "preprocessed": air.preprocessed_column_names() }))
        .collect();
    let buses: Vec<_> = set.buses.iter().map(|bus| json!({ "name": bus.name, "fields": bus.arity })).collect();
    let text = list_machine(&set);
    let value = json!({ "kind": "machine", "airs": airs, "buses": buses, "listing": text });
    Ok((text, value))
}

fn ours<VC: CliConfig>(source: &MachineSource<VC>, machine: &VC, path: &Path, bytes: &[u8]) -> Result<Shown, Failure> {
    let header = codec::peek(bytes).map_err(|source| SdkError::Codec { path: path.to_owned(), source })?;
    let (mut text, mut value) = describe_header(&header, bytes.len());
    let content: Result<Shown, Failure> = match header.kind {
        FileKind::ContinuationProof => with_engine_of!(header, path, proof::<VC>(source, machine, path, bytes)),
        FileKind::VerifyingKey => with_engine_of!(header, path, key::<VC>(path, bytes)),
        FileKind::FusionPlan => blocks(machine, path, None),
        _ => Ok((String::new(), json!({}))),
    };
    let (more, content) = content?;
    text.push_str(&more);
    if let (Value::Object(value), Value::Object(content)) = (&mut value, content) {
        value.extend(content);
    }
    Ok((text, value))
}

fn describe_header(header: &FileHeader, len: usize) -> Shown {
    let text = format!(
        "{}: format {}, {} engine, {}, {} bytes\n",
        header.kind,
        header.version,
        header.engine,
        header.preset,
        grouped(len as u64)
    );
    let value = json!({
        "kind": header.kind.to_string(), "format": header.version, "engine": header.engine,
        "security_preset": header.preset, "bytes": len,
    });
    (text, value)
}

/// Lists the blocks of a plan, with the instructions of an executable if there is one.
fn blocks<VC: CliConfig>(machine: &VC, plan: &Path, elf: Option<&Path>) -> Result<Shown, Failure> {
    let file = PlanFile::read(plan)?;
    let program = elf.map(|elf| GuestProgram::read_for(elf, machine)).transpose()?;
    let texts = program.as_ref().map(instruction_texts);
    let report = file.report(plan, machine, |pc| texts.as_ref()?(pc))?;
    Ok((report.to_string(), json!(report)))
}

fn proof<E: StarkEngine, VC: CliConfig>(
    source: &MachineSource<VC>,
    machine: &VC,
    path: &Path,
    bytes: &[u8],
) -> Result<Shown, Failure> {
    let proof = ProofFile::<E>::decode(path, bytes)?.proof;
    let total = proof.segments.len();
    // A proof does not contain the names of its AIRs. Those of the machine, or of a variant of it, are used if their number is
    // right.
    let names = |machine: &VC| -> Result<Vec<String>, SdkError> {
        Ok(sdk::machine_airs(machine)?.airs.iter().map(|air| air.name()).collect())
    };
    let mut machines = vec![names(machine)?];
    for variant in (source.variants)(machine) {
        machines.push(names(&variant)?);
    }
    let mut text = format!("{}, not verified; what the proof claims:\n", counted(total, "segment"));
    let mut segments = Vec::new();
    for (segment, proof) in proof.segments.iter().enumerate() {
        let key = HexDigest::from(proof.key_digest).to_string();
        let heights = proof.stark.log_heights();
        let names = machines.iter().find(|names| names.len() == heights.len());
        let name = |i: usize| names.map_or_else(|| format!("AIR {i}"), |names| names[i].clone());
        let _ = writeln!(text, "segment {segment}, for key {key}");
        let mut airs = Vec::new();
        for (i, heights) in heights.iter().enumerate().filter(|(_, heights)| !heights.is_empty()) {
            let rows: Vec<_> = heights.iter().map(|log| format!("2^{log}")).collect();
            let _ = writeln!(text, "  {:<24} {} rows", name(i), rows.join(" + "));
            airs.push(json!({ "name": name(i), "log_heights": heights }));
        }
        segments.push(json!({ "key_digest": key, "airs": airs }));
    }
    let public_values = HexBytes(proof.public_values.public_values);
    let _ = writeln!(text, "public values  {public_values}");
    Ok((text, json!({ "segments": segments, "public_values": public_values })))
}

fn key<E: StarkEngine, VC: CliConfig>(path: &Path, bytes: &[u8]) -> Result<Shown, Failure> {
    let key: VmVerifyingKey<E, VC> = sdk::decode_key(path, bytes)?;
    let digest = HexDigest::from(key.digest()).to_string();
    let program = HexDigest::from(key.exe_commitment()).to_string();
    let stark = key.stark();
    let worst: SecurityReport = stark.worst_case_security();
    let mut text = format!(
        "digest       {digest}\nprogram      {program}, entry point {:#x}\nsecurity     at least {worst}\n",
        key.exe().pc_start
    );
    let mut airs = Vec::new();
    for air in stark.airs() {
        let _ = writeln!(
            text,
            "  {:<24} {:>4} columns {:>3} lookup columns {:>3} constraints {:>3} messages, {} up to 2^{} rows{}",
            air.name,
            air.width,
            air.lookup_columns,
            air.constraints,
            air.messages,
            if air.max_instances == 1 { "one instance".to_owned() } else { format!("{} instances", air.max_instances) },
            air.max_log_height,
            if air.required { ", required" } else { "" },
        );
        airs.push(json!({
            "name": air.name, "columns": air.width, "lookup_columns": air.lookup_columns,
            "constraints": air.constraints, "messages": air.messages, "max_instances": air.max_instances,
            "max_log_height": air.max_log_height, "required": air.required,
        }));
    }
    let value = json!({
        "key_digest": digest, "program_commitment": program, "pc_start": key.exe().pc_start,
        "num_public_values": key.config().system().num_public_values, "security": worst, "airs": airs,
    });
    Ok((text, value))
}

fn elf<VC: CliConfig>(machine: &VC, path: &Path, code: bool) -> Result<Shown, Failure> {
    let transpiler = Transpiler::for_machine(machine).map_err(SdkError::Machine)?;
    let program = GuestProgram::read_with(path, &transpiler)?;
    let image = program.image();
    let words: usize = image.code.iter().map(|range| range.words.len()).sum();
    let known =
        image.code.iter().flat_map(|range| &range.words).filter(|word| transpiler.disassemble(**word).is_some());
    let known = known.count();
    let entry_name = image.locate(image.entry);
    let mut text = format!(
        "RV32IM executable, entry point {:#x}{}\n",
        image.entry,
        entry_name.as_ref().map_or_else(String::new, |name| format!(" ({name})"))
    );
    let mut segments = Vec::new();
    for segment in &image.segments {
        let flag = |set: bool, letter: char| if set { letter } else { '-' };
        let flags: String =
            [flag(segment.readable, 'r'), flag(segment.writable, 'w'), flag(segment.executable, 'x')].iter().collect();
        let end = segment.address + segment.memory_size;
        let (size, in_file) = (grouped(segment.memory_size.into()), grouped(segment.file_size.into()));
        let _ = writeln!(
            text,
            "  segment {:#010x}..{end:#010x} {flags} {size} bytes, {in_file} in the file",
            segment.address
        );
        segments.push(json!({
            "address": segment.address, "memory_size": segment.memory_size, "file_size": segment.file_size,
            "flags": flags,
        }));
    }
    let _ = writeln!(
        text,
        "code           {} words: {} instructions, {} other words (they trap when executed)",
        grouped(words as u64),
        grouped(known as u64),
        grouped((words - known) as u64)
    );
    let _ = writeln!(text, "program table  {} instructions", grouped(program.exe().program.len() as u64));
    let _ = writeln!(text, "symbols        {}", grouped(image.symbols.len() as u64));
    if code {
        list_code(&mut text, image, &transpiler);
    }
    let value = json!({
        "kind": "executable", "entry": image.entry, "entry_name": entry_name, "segments": segments,
        "code_words": words, "instructions": known, "undecodable_words": words - known,
        "program_table": program.exe().program.len(), "symbols": image.symbols.len(),
    });
    Ok((text, value))
}

fn list_code(text: &mut String, image: &ElfImage, transpiler: &Transpiler) {
    let mut symbols = image.symbols.iter().peekable();
    for range in &image.code {
        for (pc, &word) in (range.base..).step_by(4).zip(&range.words) {
            while let Some(symbol) = symbols.next_if(|symbol| symbol.address <= pc) {
                if symbol.address == pc {
                    let _ = writeln!(text, "{}:", symbol.demangled());
                }
            }
            let instruction = transpiler.disassemble(word).unwrap_or_else(|| "—".to_owned());
            let _ = writeln!(text, "  {pc:08x}  {word:08x}  {instruction}");
        }
    }
}
