//! Key generation: rejects machines whose AIRs break the rules that proofs rely on, and derives from the constraints
//! what the backend must not take from authors.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use p3_air::BaseAir;
use p3_blake3::Blake3;
use p3_field::TwoAdicField;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::CryptographicHasher;

use crate::air::{AirRef, AirSet, AnyAir, Bus, BusKind, F, SymbolicAir, Widths};
use crate::keys::{
    AirDescriptor, BusDescriptor, KeygenError, KeygenLimits, MIN_LOG_HEIGHT, SecurityPreset, check_air, check_names,
    check_padding_row, max_log_height_of, repeatable,
};

use super::air::{BackendAir, ZeroRows};
use super::config::{EngineConfig, MachineShape};
use super::cost::AirCost;

/// log2 of the minimum height of a proof's tallest trace.
const MIN_TALLEST: usize = 3;

/// Everything that key generation derives from a machine, except the commitment to its preprocessed traces.
pub(super) struct Machine<SC: EngineConfig> {
    pub(super) airs: Vec<BackendAir>,
    pub(super) descriptors: Vec<AirDescriptor>,
    pub(super) buses: Vec<BusDescriptor>,
    pub(super) derived: Vec<SC::Derived>,
    pub(super) costs: Vec<AirCost>,
    pub(super) params: SC::Params,
    pub(super) min_log_height: usize,
}

/// A machine whose parameters are not chosen yet.
struct Builder<SC: EngineConfig> {
    airs: Vec<BackendAir>,
    descriptors: Vec<AirDescriptor>,
    derived: Vec<SC::Derived>,
    costs: Vec<AirCost>,
    min_log_height: usize,
}

/// Checks a machine and derives the content of its key.
///
/// Loading a stored key passes `heights`: for each AIR, log2 of the height of its preprocessed trace. The traces
/// themselves are then not built.
pub(super) fn analyse<SC: EngineConfig>(
    set: &AirSet,
    preset: SecurityPreset,
    limits: KeygenLimits,
    heights: Option<&[Option<usize>]>,
) -> Result<Machine<SC>, KeygenError> {
    check_limits(&limits, preset)?;
    if set.airs.is_empty() {
        return Err(KeygenError::Empty);
    }
    let buses = index_buses(&set.buses)?;
    let mut names = BTreeSet::new();
    let mut providers: BTreeMap<&str, String> = BTreeMap::new();
    let mut queries: BTreeMap<&str, String> = BTreeMap::new();
    let mut machine = Builder::<SC> {
        airs: Vec::new(),
        descriptors: Vec::new(),
        derived: Vec::new(),
        costs: Vec::new(),
        min_log_height: MIN_TALLEST.max(SC::MIN_LOG_HEIGHT),
    };
    for (i, air) in set.airs.iter().enumerate() {
        let name = air.name();
        if !names.insert(name.clone()) {
            return Err(KeygenError::DuplicateAir { air: name });
        }
        check_names(&**air, &name)?;
        let symbolic = Arc::new(SymbolicAir::record(&**air));
        check_air(&**air, &name, &symbolic, &buses)?;
        for message in &symbolic.messages {
            let Bus { name: bus, kind, .. } = buses[message.bus.as_str()];
            if message.weight != 0 {
                if kind == BusKind::Lookup {
                    queries.entry(bus).or_insert_with(|| name.clone());
                }
                continue;
            }
            // Soundness (M19): a second AIR that provides entries could balance queries of entries that the table does
            // not have.
            let first = providers.entry(bus).or_insert_with(|| name.clone());
            if *first != name {
                return Err(KeygenError::SecondProvider { bus: bus.into(), first: first.clone(), second: name });
            }
        }
        machine.add(air, &name, symbolic, &limits, heights.map(|h| h[i]))?;
    }
    if let Some((bus, air)) = queries.iter().find(|(bus, _)| !providers.contains_key(*bus)) {
        return Err(KeygenError::NoProvider { air: air.clone(), bus: (*bus).into() });
    }
    let required = machine.descriptors.iter().filter(|d| d.required).count();
    if required > limits.max_total_instances {
        let max = limits.max_total_instances;
        return Err(KeygenError::Limits {
            what: format!("{required} AIRs are required, but max_total_instances is {max}"),
        });
    }
    let Builder { airs, descriptors, derived, costs, min_log_height } = machine;
    let shape =
        MachineShape { preset, limits: &limits, min_log_height, airs: &airs, descriptors: &descriptors, costs: &costs };
    let params = SC::choose_params(&shape)?;
    let buses = set.buses.iter().map(|b| BusDescriptor { name: b.name.into(), arity: b.arity, kind: b.kind }).collect();
    Ok(Machine { airs, descriptors, buses, derived, costs, params, min_log_height })
}

/// Maximum of the limits for numbers of instances.
const MAX_INSTANCES: usize = 4096;

/// Checks that the limits are in range.
fn check_limits(limits: &KeygenLimits, preset: SecurityPreset) -> Result<(), KeygenError> {
    // The committed domain is larger than the trace.
    let max_log_height = F::TWO_ADICITY - preset.log_blowup();
    let refuse = |what: String| Err(KeygenError::Limits { what });
    if limits.max_log_height > max_log_height || limits.max_log_height < MIN_LOG_HEIGHT {
        return refuse(format!(
            "max_log_height {} is outside {MIN_LOG_HEIGHT}..={max_log_height}",
            limits.max_log_height
        ));
    }
    if limits.max_instances_per_air == 0 || limits.max_total_instances == 0 {
        return refuse("instance limits must be at least 1".into());
    }
    // Limits may come from the file of a key, and loops below run up to them, so they must be small.
    for (name, limit) in
        [("max_instances_per_air", limits.max_instances_per_air), ("max_total_instances", limits.max_total_instances)]
    {
        if limit > MAX_INSTANCES {
            return refuse(format!("{name} {limit} is above {MAX_INSTANCES}"));
        }
    }
    Ok(())
}

/// Maps the names of buses to their declarations, and checks that names are unique.
fn index_buses(buses: &[Bus]) -> Result<BTreeMap<&'static str, Bus>, KeygenError> {
    let mut index = BTreeMap::new();
    for bus in buses {
        if index.insert(bus.name, *bus).is_some() {
            return Err(KeygenError::DuplicateBus { bus: bus.name.into() });
        }
    }
    Ok(index)
}

/// A preprocessed trace, and log2 of its height. The verifier has the height only.
type Preprocessed = (Option<Arc<RowMajorMatrix<F>>>, Option<usize>);

/// Returns the preprocessed trace of an AIR and log2 of its height. Builds and checks the trace, or takes its height from
/// a stored key.
fn preprocess(
    air: &AirRef,
    name: &str,
    limits: &KeygenLimits,
    stored: Option<Option<usize>>,
) -> Result<Preprocessed, KeygenError> {
    let declared = air.preprocessed_width();
    let (trace, log_height) = match stored {
        Some(log_height) => {
            if log_height.is_some() != (declared > 0) {
                let got = if log_height.is_some() { 1 } else { 0 };
                return Err(KeygenError::PreprocessedWidth { air: name.into(), declared, got });
            }
            (None, log_height)
        }
        None => {
            let trace = air.preprocessed_trace().filter(|t| t.width() > 0);
            let got = trace.as_ref().map_or(0, |t| t.width());
            if got != declared {
                return Err(KeygenError::PreprocessedWidth { air: name.into(), declared, got });
            }
            let height = trace.as_ref().map(|t| t.height());
            if let Some(height) = height.filter(|h| !h.is_power_of_two()) {
                return Err(preprocessed_height(name, height, limits, String::new()));
            }
            (trace.map(Arc::new), height.map(|h| h.trailing_zeros() as usize))
        }
    };
    if let Some(log_height) = log_height {
        if log_height > limits.max_log_height {
            return Err(preprocessed_height(
                name,
                1usize.checked_shl(log_height as u32).unwrap_or(0),
                limits,
                String::new(),
            ));
        }
        if let Some(fixed) = air.fixed_log_height().filter(|&fixed| fixed != log_height) {
            let fixed = format!(", and the AIR fixes it to 2^{fixed}");
            return Err(preprocessed_height(name, 1 << log_height, limits, fixed));
        }
    }
    Ok((trace, log_height))
}

fn preprocessed_height(name: &str, height: usize, limits: &KeygenLimits, fixed: String) -> KeygenError {
    KeygenError::PreprocessedHeight { air: name.into(), height, max_log_height: limits.max_log_height, fixed }
}

impl<SC: EngineConfig> Builder<SC> {
    /// Adds an AIR with its description and cost. `stored` is log2 of the height of its preprocessed trace in a stored
    /// key.
    fn add(
        &mut self,
        air: &AirRef,
        name: &str,
        symbolic: Arc<SymbolicAir>,
        limits: &KeygenLimits,
        stored: Option<Option<usize>>,
    ) -> Result<(), KeygenError> {
        let (trace, preprocessed_log_height) = preprocess(air, name, limits, stored)?;
        let repeatable = repeatable(&**air, &symbolic);
        let mut zero_rows = ZeroRows::Meaningful;
        if repeatable {
            check_padding_row(&**air, name, &symbolic)?;
            if symbolic.messages.iter().all(|message| message.weight > 0) {
                zero_rows = ZeroRows::Padding;
            }
        }
        let mut fixed_log_height = air.fixed_log_height().or(preprocessed_log_height);
        let mut symbolic = symbolic;
        if let Some(log_height) = fixed_log_height.filter(|&fixed| fixed < SC::MIN_LOG_HEIGHT) {
            if log_height > 0 || air.preprocessed_width() > 0 || symbolic.reads_position() {
                let min = SC::MIN_LOG_HEIGHT;
                return Err(KeygenError::TooLow { air: name.into(), log_height, min });
            }
            // Soundness (M25): only the first row of the taller trace can send messages, and the constraints hold there.
            symbolic = Arc::new(symbolic.on_first_row());
            fixed_log_height = Some(SC::MIN_LOG_HEIGHT);
            zero_rows = ZeroRows::PaddingBelowFirst;
        }
        let mut backend = BackendAir::recorded(symbolic.clone(), Widths::of(&**air));
        backend.preprocessed = trace;
        backend.zero_rows = zero_rows;
        if let Some(log_height) = fixed_log_height.filter(|&fixed| fixed > limits.max_log_height) {
            return Err(KeygenError::FixedHeight {
                air: name.into(),
                log_height,
                max_log_height: limits.max_log_height,
            });
        }
        let of_messages: u64 = symbolic.messages.iter().map(|m| u64::from(m.weight)).sum();
        let weight = of_messages.max(air.min_weight());
        // Soundness (M19): the messages of one instance do not reach the field's characteristic. Those of all instances are
        // added up for each proof.
        let highest = max_log_height_of(weight).min(limits.max_log_height);
        let least = fixed_log_height.unwrap_or(MIN_LOG_HEIGHT);
        if highest < least {
            return Err(KeygenError::WeightOverflow { air: name.into(), weight, log_height: least });
        }
        let max_log_height = fixed_log_height.unwrap_or(highest);
        // Soundness (M15): an AIR with a preprocessed trace is required. If it were absent, its part of the commitment
        // would not be opened.
        let required = air.required() || preprocessed_log_height.is_some();
        if let (true, Some(fixed)) = (required, fixed_log_height) {
            self.min_log_height = self.min_log_height.max(fixed);
        }
        let (derived, packing) = SC::derive(&backend);
        self.costs.push(AirCost::new(&backend, packing));
        self.descriptors.push(AirDescriptor {
            name: name.into(),
            width: air.width(),
            preprocessed_width: air.preprocessed_width(),
            preprocessed_log_height,
            public_values: air.num_public_values(),
            constraints: symbolic.constraints.len(),
            messages: symbolic.messages.len(),
            symbolic_digest: backend.circuit.digest(),
            columns_digest: columns_digest(&**air),
            main_next: backend.main_next_row_columns(),
            preprocessed_next: backend.preprocessed_next_row_columns(),
            lookup_columns: packing.lookup_columns,
            quotient_chunks: packing.quotient_chunks,
            max_instances: if repeatable { limits.max_instances_per_air } else { 1 },
            required,
            fixed_log_height,
            max_log_height,
            weight,
        });
        self.derived.push(derived);
        self.airs.push(backend);
        Ok(())
    }
}

/// Returns a digest of the names of all columns.
fn columns_digest(air: &dyn AnyAir) -> [u8; 32] {
    let mut bytes = Vec::new();
    for names in [air.column_names(), air.preprocessed_column_names()] {
        bytes.extend((names.len() as u64).to_le_bytes());
        for name in names {
            bytes.extend((name.len() as u64).to_le_bytes());
            bytes.extend(name.as_bytes());
        }
    }
    Blake3.hash_iter(bytes)
}
