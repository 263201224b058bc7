//! Machines that key generation rejects. Most of the AIRs below have exactly one defect.

use std::sync::Arc;

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::{PrimeCharacteristicRing, PrimeField64};
use p3_lookup::Count;
use p3_matrix::dense::RowMajorMatrix;

use super::toys::{CHANNEL, Counter, RANGE, Range, Receiver, Sender, toy};
use crate::{
    AirRef, AirSet, BabyBearPoseidon2Engine, Bus, F, Instances, KeyLoadError, KeygenError, KeygenLimits,
    MIN_LOG_HEIGHT, MachineAir, Poseidon2Config, ProvingKey, SecurityPreset, StarkEngine, VerifyingKey, VmAirBuilder,
};

/// Declares an AIR of `$width` columns. The body emits the constraints and messages of a row.
macro_rules! air {
    (
        $name:ident, $width:literal $(, next $next:ident)? $(, public $public:literal)? ,
        |$b:ident, $row:ident| $body:block $(, $($extra:tt)*)?
    ) => {
        struct $name;
        impl BaseAir<F> for $name {
            fn width(&self) -> usize { $width }
            $(fn num_public_values(&self) -> usize { $public })?
        }
        impl MachineAir for $name {
            fn name(&self) -> String { stringify!($name).into() }
            fn column_names(&self) -> Vec<String> { (0..$width).map(|i| format!("c{i}")).collect() }
            $($($extra)*)?
        }
        impl<AB: VmAirBuilder> Air<AB> for $name {
            fn eval(&self, $b: &mut AB) {
                let main = $b.main();
                let $row = main.current_slice();
                $(let $next = main.next_slice();)?
                $body
            }
        }
    };
}

fn keygen_with(
    airs: Vec<AirRef>,
    buses: Vec<Bus>,
    limits: KeygenLimits,
) -> Result<ProvingKey<Poseidon2Config>, KeygenError> {
    BabyBearPoseidon2Engine::new(SecurityPreset::Provable100).keygen(&AirSet::new(airs, buses), limits)
}

/// Makes a key for the range table and one more AIR.
fn keygen(air: impl crate::AnyAir) -> Result<ProvingKey<Poseidon2Config>, KeygenError> {
    keygen_with(vec![Arc::new(Range { offset: 0 }), Arc::new(air)], vec![RANGE, CHANNEL], KeygenLimits::default())
}

macro_rules! refused {
    ($air:expr, $pattern:pat $(if $guard:expr)?) => {
        match keygen($air).map(drop) {
            Err($pattern) $(if $guard)? => {}
            other => panic!("unexpected: {other:?}"),
        }
    };
}

air!(DegreeFour, 2, |b, row| {
    b.assert_zero(row[0] * row[0] * row[1] * row[1]);
});

air!(WideField, 2, |b, row| {
    b.assert_bool(row[0]);
    CHANNEL.send(b, [row[1] * row[1] * row[1], row[0].into()], row[0]);
});

air!(ShortMessage, 2, |b, row| {
    b.assert_bool(row[0]);
    CHANNEL.send(b, [row[1]], row[0]);
});

air!(StrangeBus, 2, |b, row| {
    b.assert_bool(row[0]);
    Bus::permutation("elsewhere", 1).send(b, [row[1]], row[0]);
});

air!(ProvidesOnPermutation, 2, |b, row| {
    CHANNEL.provide(b, [row[0], row[1]], row[0]);
});

air!(HeavyQuery, 2, |b, row| {
    b.assert_bool(row[0]);
    b.push_interaction("range", [row[1]], Count::bounded(row[0].into(), 2));
});

air!(SecondTable, 2, |b, row| {
    RANGE.provide(b, [row[0]], row[1]);
});

const NOWHERE: Bus = Bus::lookup("nowhere", 1);

air!(NoTable, 2, |b, row| {
    b.assert_bool(row[0]);
    NOWHERE.query(b, [row[1]], row[0]);
});

#[test]
fn stark_keygen_refuses_degrees_and_bus_misuse() {
    refused!(DegreeFour, KeygenError::ConstraintDegree { ref air, constraint: 0, degree: 4, .. } if air == "DegreeFour");
    refused!(WideField, KeygenError::MessageDegree { ref bus, degree: 4, .. } if bus == "channel");
    refused!(ShortMessage, KeygenError::Arity { expected: 2, got: 1, .. });
    refused!(StrangeBus, KeygenError::UnknownBus { ref bus, .. } if bus == "elsewhere");
    refused!(ProvidesOnPermutation, KeygenError::Weight { weight: 0, .. });
    refused!(HeavyQuery, KeygenError::Weight { weight: 2, .. });
    refused!(SecondTable, KeygenError::SecondProvider { ref second, .. } if second == "SecondTable");
    let airs: Vec<AirRef> = vec![Arc::new(Range { offset: 0 }), Arc::new(NoTable)];
    let error = keygen_with(airs, vec![RANGE, NOWHERE], KeygenLimits::default()).map(drop).unwrap_err();
    assert_eq!(error, KeygenError::NoProvider { air: "NoTable".into(), bus: "nowhere".into() });
}

air!(FreeCount, 2, |b, row| {
    CHANNEL.send(b, [row[0], row[1]], row[0]);
});

air!(GatedCount, 3, |b, row| {
    b.assert_bool(row[0]);
    // The second column is boolean only on rows where the first is 1.
    b.when(row[0]).assert_bool(row[1]);
    CHANNEL.send(b, [row[0], row[2]], row[1]);
});

air!(FirstRowCount, 2, |b, row| {
    b.when_first_row().assert_bool(row[0]);
    CHANNEL.send(b, [row[0], row[1]], row[0]);
});

air!(Difference, 3, |b, row| {
    b.assert_bool(row[0]);
    b.assert_bool(row[1]);
    CHANNEL.send(b, [row[0], row[2]], row[0] - row[1]);
});

air!(NegativeQuery, 2, |b, row| {
    b.assert_bool(row[0]);
    RANGE.receive(b, [row[1]], row[0]);
});

air!(HalfBooleanProduct, 3, |b, row| {
    b.assert_bool(row[0]);
    CHANNEL.send(b, [row[0], row[2]], row[0] * row[1]);
});

air!(OtherHalfBooleanProduct, 3, |b, row| {
    b.assert_bool(row[0]);
    CHANNEL.send(b, [row[0], row[2]], row[1] * row[0]);
});

air!(BooleanInFourWays, 4, |b, row| {
    b.assert_bool(row[0]);
    b.assert_bool(row[1]);
    CHANNEL.send(b, [row[3], row[3]], AB::Expr::ONE - row[0]);
    CHANNEL.receive(b, [row[3], row[3]], row[0] * row[1]);
    // This sum equals a boolean column, by a constraint.
    b.assert_eq(row[2] + row[3], row[0]);
    RANGE.query(b, [row[3]], row[2] + row[3]);
    RANGE.query(b, [row[3]], AB::Expr::ONE);
});

#[test]
fn stark_keygen_refuses_counts_that_are_not_proven_boolean() {
    refused!(FreeCount, KeygenError::CountNotBoolean { message: 0, .. });
    refused!(GatedCount, KeygenError::CountNotBoolean { .. });
    refused!(FirstRowCount, KeygenError::CountNotBoolean { .. });
    refused!(Difference, KeygenError::CountNotBoolean { .. });
    refused!(NegativeQuery, KeygenError::CountNotBoolean { ref bus, .. } if bus == "range");
    // One factor is boolean, the other one is free, so the product is any value.
    refused!(HalfBooleanProduct, KeygenError::CountNotBoolean { message: 0, .. });
    refused!(OtherHalfBooleanProduct, KeygenError::CountNotBoolean { message: 0, .. });
    keygen(BooleanInFourWays).map(drop).unwrap();
}

air!(
    FreeSelector,
    2,
    |b, row| {
        b.assert_bool(row[1]);
        CHANNEL.send(b, [row[0], row[1]], row[0] * row[1]);
    },
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
);

air!(
    AliveOnPadding,
    2,
    |b, row| {
        b.assert_bool(row[0]);
        b.assert_bool(row[1]);
        CHANNEL.send(b, [row[0], row[1]], row[1]);
    },
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
);

air!(
    TiedToSelectors,
    3,
    |b, row| {
        for c in row {
            b.assert_bool(*c);
        }
        // The third column can be 1 only if one of the two selectors is.
        b.assert_zero(row[2] * (AB::Expr::ONE - row[0] - row[1]));
        CHANNEL.send(b, [row[0], row[1]], row[2]);
    },
    fn selectors(&self) -> Vec<usize> {
        vec![0, 1]
    }
);

air!(
    SelectorOutside,
    1,
    |b, row| {
        b.assert_bool(row[0]);
    },
    fn selectors(&self) -> Vec<usize> {
        vec![1]
    }
);

#[test]
fn stark_keygen_refuses_messages_of_padding_rows() {
    refused!(FreeSelector, KeygenError::SelectorNotBoolean { ref column, .. } if column == "c0");
    refused!(AliveOnPadding, KeygenError::CountWithoutSelector { message: 0, .. });
    refused!(SelectorOutside, KeygenError::SelectorOutOfRange { column: 1, .. });
    keygen(TiedToSelectors).map(drop).unwrap();
}

air!(ZeroRowInvalid, 1, |b, row| {
    b.assert_one(row[0]);
});

air!(NextRow, 1, next next, |b, row| {
    b.when_transition().assert_bool(row[0] - next[0]);
});

air!(NextRowAtTheEnd, 1, next next, |b, row| {
    b.assert_bool(row[0]);
    b.when_transition().assert_eq(row[0], next[0]);
    b.when(row[0]).assert_one(next[0]);
});

air!(NextRowInMessage, 2, next next, |b, row| {
    b.assert_bool(row[0]);
    CHANNEL.send(b, [row[1], next[1]], row[0]);
});

air!(FirstRow, 1, |b, row| {
    b.when_first_row().assert_zero(row[0]);
});

air!(LastRow, 1, |b, row| {
    b.when_last_row().assert_bool(row[0]);
});

air!(Transition, 1, |b, row| {
    b.when_transition().assert_bool(row[0]);
});

air!(FirstRowInMessage, 2, |b, row| {
    b.assert_bool(row[0]);
    CHANNEL.send(b, [b.is_first_row(), row[1].into()], row[0]);
});

air!(PublicValue, 1, public 1, |b, row| {
    let public = b.public_values()[0];
    b.assert_zero(row[0] * (row[0] - public.into()));
});

air!(
    DeclaredSingle,
    1,
    |b, row| {
        b.assert_bool(row[0]);
    },
    fn instances(&self) -> Instances {
        Instances::Single
    }
);

air!(
    DeclaredClosed,
    1,
    next next,
    |b, row| {
        b.when_first_row().assert_zero(row[0]);
        b.when_transition().assert_bool(row[0] - next[0]);
    },
    fn instances(&self) -> Instances {
        Instances::Closed
    }
);

air!(
    ClosedWithPublicValue,
    1,
    public 1,
    |b, row| {
        let public = b.public_values()[0];
        b.assert_zero(row[0] * (row[0] - public.into()));
    },
    fn instances(&self) -> Instances {
        Instances::Closed
    }
);

#[test]
fn stark_keygen_refuses_what_depends_on_the_row_after_the_last() {
    refused!(NextRowAtTheEnd, KeygenError::ReadsPastTheEnd { ref what, .. } if what == "constraint 2");
    refused!(NextRowInMessage, KeygenError::ReadsPastTheEnd { ref what, .. } if what == "message 0 on bus `channel`");
}

#[test]
fn stark_repeatability_is_derived_from_the_constraints() {
    refused!(ZeroRowInvalid, KeygenError::PaddingRow { constraint: 0, .. });
    let max = |key: &ProvingKey<Poseidon2Config>, air: usize| key.verifying_key().airs()[air].max_instances;
    for key in [keygen(FirstRow), keygen(LastRow), keygen(Transition), keygen(FirstRowInMessage)] {
        assert_eq!(max(&key.unwrap(), 1), 1);
    }
    for key in [keygen(NextRow), keygen(PublicValue), keygen(DeclaredSingle), keygen(ClosedWithPublicValue)] {
        assert_eq!(max(&key.unwrap(), 1), 1);
    }
    assert_eq!(max(&keygen(DeclaredClosed).unwrap(), 1), 8);

    let key = BabyBearPoseidon2Engine::default().keygen(&toy(), KeygenLimits::default()).unwrap();
    // A table with a preprocessed column, two AIRs of independent rows, and one with transitions and public values.
    assert_eq!((0..4).map(|air| max(&key, air)).collect::<Vec<_>>(), [1, 8, 8, 1]);
    let airs = key.verifying_key().airs();
    assert_eq!(airs.iter().map(|a| a.required).collect::<Vec<_>>(), [true, false, false, true]);
    assert_eq!(airs.iter().map(|a| a.main_next.clone()).collect::<Vec<_>>(), [vec![], vec![], vec![], vec![0]]);
    assert_eq!(airs[0].fixed_log_height, Some(10));
    // All constraints have degree 2. At degree 3, two queries could share a lookup column, but saving one column is not
    // worth a second quotient chunk.
    assert_eq!((airs[1].lookup_columns, airs[1].quotient_chunks), (3, 1));
}

struct Misdeclared {
    names: usize,
    preprocessed_width: usize,
    rows: usize,
}
impl BaseAir<F> for Misdeclared {
    fn width(&self) -> usize {
        1
    }
    fn preprocessed_width(&self) -> usize {
        self.preprocessed_width
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        (self.rows > 0).then(|| RowMajorMatrix::new_col(vec![F::ZERO; self.rows]))
    }
}
impl MachineAir for Misdeclared {
    fn name(&self) -> String {
        "Misdeclared".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["c".into(); self.names]
    }
}
impl<AB: VmAirBuilder> Air<AB> for Misdeclared {
    fn eval(&self, _: &mut AB) {}
}

#[test]
fn stark_keygen_refuses_inconsistent_declarations() {
    refused!(
        Misdeclared { names: 2, preprocessed_width: 0, rows: 0 },
        KeygenError::ColumnNames { width: 1, names: 2, .. }
    );
    refused!(
        Misdeclared { names: 1, preprocessed_width: 2, rows: 4 },
        KeygenError::PreprocessedWidth { declared: 2, got: 1, .. }
    );
    refused!(
        Misdeclared { names: 1, preprocessed_width: 1, rows: 0 },
        KeygenError::PreprocessedWidth { declared: 1, got: 0, .. }
    );
    refused!(
        Misdeclared { names: 1, preprocessed_width: 1, rows: 6 },
        KeygenError::PreprocessedHeight { height: 6, .. }
    );
    refused!(Range { offset: 0 }, KeygenError::DuplicateAir { ref air } if air == "range");
    let twice = keygen_with(vec![Arc::new(Counter)], vec![RANGE, RANGE], KeygenLimits::default());
    assert!(matches!(twice.map(drop), Err(KeygenError::DuplicateBus { .. })));
    let none = keygen_with(vec![], vec![], KeygenLimits::default());
    assert_eq!(none.map(drop), Err(KeygenError::Empty));
}

/// An AIR with a height that it fixes itself, and a preprocessed trace if `rows` is not 0.
struct Fixed {
    log_height: usize,
    rows: usize,
    required: bool,
}
impl BaseAir<F> for Fixed {
    fn width(&self) -> usize {
        1
    }
    fn preprocessed_width(&self) -> usize {
        usize::from(self.rows > 0)
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        (self.rows > 0).then(|| RowMajorMatrix::new_col(vec![F::ZERO; self.rows]))
    }
}
impl MachineAir for Fixed {
    fn name(&self) -> String {
        "Fixed".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["c".into()]
    }
    fn preprocessed_column_names(&self) -> Vec<String> {
        vec!["p".into(); usize::from(self.rows > 0)]
    }
    fn fixed_log_height(&self) -> Option<usize> {
        Some(self.log_height)
    }
    fn required(&self) -> bool {
        self.required
    }
}
impl<AB: VmAirBuilder> Air<AB> for Fixed {
    fn eval(&self, b: &mut AB) {
        let c = b.main().current_slice()[0];
        b.assert_bool(c);
    }
}

#[test]
fn stark_keygen_checks_fixed_and_preprocessed_heights() {
    let with = |log_height, rows, required| keygen(Fixed { log_height, rows, required });
    // A fixed height above the limit.
    assert_eq!(
        with(23, 0, false).map(drop),
        Err(KeygenError::FixedHeight { air: "Fixed".into(), log_height: 23, max_log_height: 22 })
    );
    // A preprocessed trace of another height than the fixed one, taller and shorter.
    for (log_height, rows) in [(2, 8), (3, 4), (0, 2)] {
        match with(log_height, rows, false).map(drop) {
            Err(KeygenError::PreprocessedHeight { air, height, fixed, .. }) => {
                assert_eq!((air.as_str(), height), ("Fixed", rows));
                assert!(fixed.contains(&format!("2^{log_height}")), "{fixed}");
            }
            other => panic!("unexpected: {other:?}"),
        }
    }
    // The heights of a key: fixed by the AIR, or by its preprocessed trace. Every proof has a trace of a required AIR,
    // so the tallest trace of a proof is at least as tall. The range table has 2^10 rows.
    for (log_height, rows, required, min_log_height) in
        [(12, 0, false, 10), (12, 0, true, 12), (12, 1 << 12, false, 12), (3, 8, true, 10)]
    {
        let key = with(log_height, rows, required).unwrap();
        let body = key.verifying_key().body();
        assert_eq!((body.airs[1].fixed_log_height, body.airs[1].max_log_height), (Some(log_height), log_height));
        assert_eq!(body.airs[1].preprocessed_log_height, (rows > 0).then_some(log_height));
        assert_eq!(body.airs[1].required, required || rows > 0);
        assert_eq!(body.min_log_height, min_log_height, "2^{log_height}, {rows} preprocessed rows");
    }
}

/// The same rules hold for the heights in a stored key, whose preprocessed traces are not rebuilt.
#[test]
fn stark_heights_in_stored_keys_are_checked() {
    let set = |log_height| {
        let fixed = Fixed { log_height, rows: 8, required: false };
        AirSet::new(vec![Arc::new(Range { offset: 0 }), Arc::new(fixed)], vec![RANGE, CHANNEL])
    };
    let engine = BabyBearPoseidon2Engine::new(SecurityPreset::Provable100);
    let key = engine.keygen(&set(3), KeygenLimits::default()).unwrap();
    let load = |set: &AirSet, air: usize, height: Option<usize>| {
        let mut stored = key.verifying_key().to_stored();
        stored.body.airs[air].preprocessed_log_height = height;
        VerifyingKey::load(set, stored).map(drop)
    };
    load(&set(3), 1, Some(3)).unwrap();
    // Above the limit; at a height whose number of rows does not fit an integer; missing.
    for height in [23, 64, 1 << 40] {
        let result = load(&set(3), 0, Some(height));
        assert!(matches!(result, Err(KeyLoadError::Keygen(KeygenError::PreprocessedHeight { .. }))), "{result:?}");
    }
    let result = load(&set(3), 0, None);
    assert!(matches!(result, Err(KeyLoadError::Keygen(KeygenError::PreprocessedWidth { .. }))), "{result:?}");
    // Other than the height that the AIR fixes.
    for (set, height) in [(set(3), 4), (set(4), 3)] {
        let result = load(&set, 1, Some(height));
        match result {
            Err(KeyLoadError::Keygen(KeygenError::PreprocessedHeight { fixed, .. })) => assert!(!fixed.is_empty()),
            other => panic!("unexpected: {other:?}"),
        }
    }
}

struct LocalInteraction;
impl BaseAir<F> for LocalInteraction {
    fn width(&self) -> usize {
        1
    }
}
impl MachineAir for LocalInteraction {
    fn name(&self) -> String {
        "LocalInteraction".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["c".into()]
    }
}
impl<AB: VmAirBuilder> Air<AB> for LocalInteraction {
    fn eval(&self, b: &mut AB) {
        let c: AB::Expr = b.main().current_slice()[0].into();
        b.push_local_interaction([(vec![c.clone()], Count::provided(c))]);
    }
}

air!(ExclusiveGroup, 2, |b, row| {
    b.assert_bool(row[0]);
    let count = Count::bounded(row[0].into(), 1);
    b.push_exclusive_interaction("channel", [(row[0].into(), count, vec![row[0].into(), row[1].into()])]);
});

#[test]
fn stark_keygen_refuses_other_kinds_of_interactions() {
    refused!(LocalInteraction, KeygenError::Unsupported { what: "local interactions", .. });
    refused!(ExclusiveGroup, KeygenError::Unsupported { what: "exclusive interactions", .. });
}

/// Queries an expression that is doubled 60 times: a small graph, but a huge tree.
struct DeepMessage;
impl BaseAir<F> for DeepMessage {
    fn width(&self) -> usize {
        2
    }
}
impl MachineAir for DeepMessage {
    fn name(&self) -> String {
        "DeepMessage".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["valid".into(), "x".into()]
    }
}
impl<AB: VmAirBuilder> Air<AB> for DeepMessage {
    fn eval(&self, b: &mut AB) {
        let main = b.main();
        let row = main.current_slice();
        b.assert_bool(row[0]);
        let mut x: AB::Expr = row[1].into();
        for _ in 0..60 {
            x = x.clone() + x;
        }
        b.assert_eq(x.clone(), row[0]);
        RANGE.query(b, [x], row[0]);
    }
}

#[test]
fn stark_shared_expressions_are_visited_once() {
    refused!(DeepMessage, KeygenError::MessageTooLarge { nodes, .. } if nodes > 1 << 60);
}

#[test]
fn stark_keygen_enforces_limits_and_the_security_preset() {
    let set = || -> Vec<AirRef> { vec![Arc::new(Range { offset: 0 }), Arc::new(Sender), Arc::new(Receiver)] };
    let with = |limits| keygen_with(set(), vec![RANGE, CHANNEL], limits).map(drop);
    let default = KeygenLimits::default();
    assert!(matches!(with(KeygenLimits { max_log_height: 27, ..default }), Err(KeygenError::Limits { .. })));
    for instances in [0, 4097, 1 << 40, usize::MAX] {
        let per_air = KeygenLimits { max_instances_per_air: instances, ..default };
        let total = KeygenLimits { max_total_instances: instances, ..default };
        for limits in [per_air, total] {
            assert!(matches!(with(limits), Err(KeygenError::Limits { .. })), "{limits:?}");
        }
    }
    assert!(matches!(
        with(KeygenLimits { max_log_height: 9, ..default }),
        Err(KeygenError::PreprocessedHeight { height: 1024, max_log_height: 9, .. })
    ));
    // With so many messages and openings, the challenge field is too small for 100 bits of security.
    let huge = KeygenLimits { max_log_height: 26, max_instances_per_air: 4096, max_total_instances: 4096 };
    assert!(matches!(with(huge), Err(KeygenError::Security { target: 100, .. })));
    with(default).unwrap();
    // Longer codes of traces of this height have no roots of unity.
    let set = AirSet::new(set(), vec![RANGE, CHANNEL]);
    let engine = BabyBearPoseidon2Engine::new(SecurityPreset::Small100);
    let refused = engine.keygen(&set, KeygenLimits { max_log_height: 26, ..default }).map(drop);
    assert!(matches!(&refused, Err(KeygenError::Limits { what }) if what.contains("5..=25")), "{refused:?}");
}

/// An AIR with 1024 messages per row.
#[derive(Clone, Copy)]
struct Talkative {
    min_weight: u64,
    fixed: Option<usize>,
}
impl BaseAir<F> for Talkative {
    fn width(&self) -> usize {
        1
    }
}
impl MachineAir for Talkative {
    fn name(&self) -> String {
        "Talkative".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["valid".into()]
    }
    fn min_weight(&self) -> u64 {
        self.min_weight
    }
    fn fixed_log_height(&self) -> Option<usize> {
        self.fixed
    }
}
impl<AB: VmAirBuilder> Air<AB> for Talkative {
    fn eval(&self, b: &mut AB) {
        let valid = b.main().current_slice()[0];
        b.assert_bool(valid);
        for _ in 0..1024 {
            RANGE.query(b, [valid], valid);
        }
    }
}

/// The messages of one instance stay below p. An AIR of a greater height is refused, as is a row with too many messages for
/// the least height.
#[test]
fn stark_keygen_limits_heights_by_the_messages_of_a_row() {
    let highest = |air: Talkative| {
        let key = keygen(air).unwrap();
        key.verifying_key().body().airs.iter().find(|air| air.name == "Talkative").unwrap().max_log_height
    };
    let free = Talkative { min_weight: 0, fixed: None };
    assert_eq!(highest(free), 20);
    const { assert!(1024 << 20 < F::ORDER_U64 && 1024 << 21 >= F::ORDER_U64) };
    assert_eq!(highest(Talkative { fixed: Some(20), ..free }), 20);
    refused!(Talkative { fixed: Some(21), ..free }, KeygenError::WeightOverflow { weight: 1024, log_height: 21, .. });
    // The largest weight with which 2^5 rows stay below p.
    let most = (F::ORDER_U64 - 1) >> MIN_LOG_HEIGHT;
    assert_eq!(highest(Talkative { min_weight: most, ..free }), MIN_LOG_HEIGHT);
    let above = Talkative { min_weight: most + 1, ..free };
    refused!(above, KeygenError::WeightOverflow { log_height: MIN_LOG_HEIGHT, .. });
}
