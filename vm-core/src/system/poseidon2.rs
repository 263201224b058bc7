//! The Poseidon2 AIR: the lookup table of the compression function of the memory tree.

use std::sync::{Arc, Mutex, PoisonError};

use p3_air::{Air, BaseAir, WindowAccess};
use p3_baby_bear::{
    BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS, BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_16, BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
    BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL, BABYBEAR_POSEIDON2_RC_16_INTERNAL, GenericPoseidon2LinearLayersBabyBear,
};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_poseidon2::poseidon2_round_numbers_128;
use p3_poseidon2_air::{Poseidon2Air as Permutation, RoundConstants, generate_trace_rows};
use p3_uni_stark::SubAirBuilder;
use rustc_hash::FxHashMap;

use crate::arch::{COMPRESS_BUS, Chip, ChipTraces, ChipUsageGetter, GenerationError, LookupTable, TraceContext};
use crate::stark::{AirRef, Bus, F, MachineAir, VmAirBuilder};

const WIDTH: usize = 16;
const SBOX_DEGREE: u64 = 7;
/// Number of intermediate powers per S-box. One is enough to keep the degree at 3.
const SBOX_REGISTERS: usize = 1;
const HALF_FULL: usize = BABYBEAR_POSEIDON2_HALF_FULL_ROUNDS;
const PARTIAL: usize = BABYBEAR_POSEIDON2_PARTIAL_ROUNDS_16;

// Soundness: the rounds are those that the published analysis of Poseidon2 (eprint 2023/323) asks for 128 bits.
const _: () = assert!(
    matches!(poseidon2_round_numbers_128::<F>(WIDTH, SBOX_DEGREE), Ok((full, PARTIAL)) if full == 2 * HALF_FULL)
);

type PermutationAir =
    Permutation<F, GenericPoseidon2LinearLayersBabyBear, WIDTH, SBOX_DEGREE, SBOX_REGISTERS, HALF_FULL, PARTIAL>;

fn constants() -> RoundConstants<F, WIDTH, HALF_FULL, PARTIAL> {
    RoundConstants::new(
        BABYBEAR_POSEIDON2_RC_16_EXTERNAL_INITIAL,
        BABYBEAR_POSEIDON2_RC_16_INTERNAL,
        BABYBEAR_POSEIDON2_RC_16_EXTERNAL_FINAL,
    )
}

/// The Poseidon2 AIR. A row holds one permutation and the multiplicity with which it is provided.
///
/// Soundness (M20): the constraints of the permutation are not gated by a selector. They hold on every row, so a row
/// provides a true statement whatever its multiplicity. Padding rows are permutations of the all-zero state.
pub struct Poseidon2Air {
    permutation: PermutationAir,
    columns: usize,
}

impl Default for Poseidon2Air {
    fn default() -> Self {
        let permutation = PermutationAir::new(constants());
        let columns = BaseAir::<F>::width(&permutation);
        Self { permutation, columns }
    }
}

impl BaseAir<F> for Poseidon2Air {
    fn width(&self) -> usize {
        self.columns + 1
    }
}

impl MachineAir for Poseidon2Air {
    fn name(&self) -> String {
        "Poseidon2".to_owned()
    }

    fn column_names(&self) -> Vec<String> {
        let mut names: Vec<String> = (0..WIDTH).map(|i| format!("input[{i}]")).collect();
        let full = |half: &str, round: usize, names: &mut Vec<String>| {
            names.extend((0..WIDTH).map(|i| format!("{half}[{round}].sbox[{i}]")));
            names.extend((0..WIDTH).map(|i| format!("{half}[{round}].post[{i}]")));
        };
        (0..HALF_FULL).for_each(|round| full("beginning", round, &mut names));
        for round in 0..PARTIAL {
            names.push(format!("partial[{round}].sbox"));
            names.push(format!("partial[{round}].post_sbox"));
        }
        (0..HALF_FULL).for_each(|round| full("ending", round, &mut names));
        names.push("multiplicity".to_owned());
        names
    }

    fn required(&self) -> bool {
        true
    }
}

impl<AB: VmAirBuilder> Air<AB> for Poseidon2Air {
    fn eval(&self, builder: &mut AB) {
        self.permutation.eval(&mut SubAirBuilder::<AB, PermutationAir, AB::Var>::new(builder, 0..self.columns));
        let main = builder.main();
        let local = main.current_slice();
        let input = &local[..WIDTH];
        // The last columns hold the state after the last full round. Its first half is the output of the truncated
        // permutation.
        let output = &local[self.columns - WIDTH..self.columns - WIDTH / 2];
        let entry: Vec<AB::Expr> = input.iter().chain(output).map(|x| (*x).into()).collect();
        COMPRESS_BUS.provide(builder, entry, local[self.columns]);
    }
}

/// Chip of the Poseidon2 AIR: counts queries and fills one row per distinct input.
#[derive(Default)]
pub struct Poseidon2Chip {
    counts: Mutex<FxHashMap<[F; WIDTH], u32>>,
}

impl LookupTable for Poseidon2Chip {
    fn bus(&self) -> Bus {
        COMPRESS_BUS
    }

    fn record(&self, key: &[F], count: u32) -> bool {
        let input = std::array::from_fn(|i| key[i]);
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(input).or_insert(0) += count;
        true
    }
}

impl ChipUsageGetter for Poseidon2Chip {
    fn air_name(&self) -> String {
        "Poseidon2".to_owned()
    }
    fn current_trace_height(&self) -> usize {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
    fn trace_width(&self) -> usize {
        Poseidon2Air::default().width()
    }
}

impl Chip for Poseidon2Chip {
    fn air(&self) -> AirRef {
        Arc::new(Poseidon2Air::default())
    }

    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let mut counts: Vec<([F; WIDTH], u32)> =
            self.counts.get_mut().unwrap_or_else(PoisonError::into_inner).drain().collect();
        // The order of a hash map varies between runs; sorting makes proofs reproducible.
        counts.sort_unstable();
        let width = self.trace_width();
        // The AIR is required, so it has at least one row.
        let heights = ctx.split.heights(counts.len().max(1));
        ChipTraces::by_instance(ctx, &self.air_name(), &counts, heights, |rows, height| {
            let mut inputs: Vec<[F; WIDTH]> = rows.iter().map(|(input, _)| *input).collect();
            inputs.resize(height, [F::ZERO; WIDTH]);
            let permutations = generate_trace_rows::<
                F,
                GenericPoseidon2LinearLayersBabyBear,
                WIDTH,
                SBOX_DEGREE,
                SBOX_REGISTERS,
                HALF_FULL,
                PARTIAL,
            >(inputs, &constants(), 0);
            let mut values = F::zero_vec(height * width);
            for (i, row) in values.chunks_exact_mut(width).enumerate() {
                let columns = permutations.width();
                row[..columns].copy_from_slice(&permutations.values[i * columns..(i + 1) * columns]);
                row[columns] = rows.get(i).map_or(F::ZERO, |(_, count)| F::from_u32(*count));
            }
            Ok(RowMajorMatrix::new(values, width))
        })
    }

    fn as_lookup_table(&self) -> Option<&dyn LookupTable> {
        Some(self)
    }
}
