//! Key generation's check that an AIR evaluates to the same constraints and messages with every builder.

use p3_air::RowWindow;
use p3_field::{Field, PrimeCharacteristicRing};

use crate::stark::air::{AnyAir, Assignment, EF, F, PackedF, ProverBuilder, RowBuilder, SymbolicAir, VerifierBuilder};

use super::error::KeygenError;

/// Evaluates the AIR with the row, prover and verifier builders at random values, and compares the results with the
/// recorded expressions.
///
/// Soundness: multiplicities of tables are derived on single rows, constraints are proven on packed rows, and the
/// verifier checks them at one point. If `eval` depended on the builder, these would be three different circuits.
pub(super) fn check_builders_agree(air: &dyn AnyAir, name: &str, symbolic: &SymbolicAir) -> Result<(), KeygenError> {
    let mut at = Assignment::random(air, 0xC0_FFEE);
    let differ = |what: String| Err(KeygenError::Inconsistent { air: name.into(), what });

    // The first, middle and last row of three.
    for row in 0..3usize {
        at.is_first_row = F::from_bool(row == 0);
        at.is_last_row = F::from_bool(row == 2);
        at.is_transition = F::ONE - at.is_last_row;
        let mut builder = RowBuilder::new(&at.public, &[], true);
        builder.set_row(row, 3, (&at.main[0], &at.main[1]), (&at.preprocessed[0], &at.preprocessed[1]));
        air.eval_row(&mut builder);
        let values = (0..).zip(at.values(&symbolic.constraints));
        let expected: Vec<(u32, F)> = values.filter(|(_, value)| !value.is_zero()).collect();
        if builder.failures != expected {
            return differ("its constraints have other values on a row".into());
        }
        let mut recorded = builder.messages.iter();
        for (i, message) in symbolic.messages.iter().enumerate() {
            let mut fields = at.values(message.fields.iter().chain([&message.count]));
            let Some(count) = fields.pop().filter(|count| !count.is_zero()) else { continue };
            let same = recorded.next().is_some_and(|m| {
                m.interaction as usize == i && m.count == count && builder.fields_of(m) == fields.as_slice()
            });
            if !same {
                return differ(format!("message {i} on bus `{}` has other values on a row", message.bus));
            }
        }
        if recorded.next().is_some() {
            return differ("it has more messages on a row than symbolically".into());
        }
    }

    at = Assignment::random(air, 0xBEEF);
    let expected = at.values(&symbolic.constraints);
    let packed = |row: &Vec<F>| -> Vec<PackedF> { row.iter().map(|&v| v.into()).collect() };
    let (main, pre) =
        ([packed(&at.main[0]), packed(&at.main[1])], [packed(&at.preprocessed[0]), packed(&at.preprocessed[1])]);
    let mut builder = ProverBuilder {
        main: RowWindow::from_two_rows(&main[0], &main[1]),
        preprocessed: RowWindow::from_two_rows(&pre[0], &pre[1]),
        public_values: &at.public,
        is_first_row: at.is_first_row.into(),
        is_last_row: at.is_last_row.into(),
        is_transition: at.is_transition.into(),
        constraints: Vec::new(),
    };
    air.eval_prover(&mut builder);
    let same = builder.constraints.len() == expected.len()
        && builder.constraints.iter().zip(&expected).all(|(got, &value)| *got == PackedF::from(value));
    if !same {
        return differ("its constraints have other values for the prover".into());
    }

    let lift = |row: &Vec<F>| -> Vec<EF> { row.iter().map(|&v| v.into()).collect() };
    let (main, pre) = ([lift(&at.main[0]), lift(&at.main[1])], [lift(&at.preprocessed[0]), lift(&at.preprocessed[1])]);
    let mut builder = VerifierBuilder {
        main: RowWindow::from_two_rows(&main[0], &main[1]),
        preprocessed: RowWindow::from_two_rows(&pre[0], &pre[1]),
        public_values: &at.public,
        is_first_row: at.is_first_row.into(),
        is_last_row: at.is_last_row.into(),
        is_transition: at.is_transition.into(),
        constraints: Vec::new(),
    };
    air.eval_verifier(&mut builder);
    let same = builder.constraints.len() == expected.len()
        && builder.constraints.iter().zip(&expected).all(|(got, &value)| *got == EF::from(value));
    if !same {
        return differ("its constraints have other values for the verifier".into());
    }
    Ok(())
}
