//! Wide accesses, without forgeries: honest runs, execution on the host, configurations, sweeps and listings.

use std::sync::LazyLock;

use vm_core::arch::{
    ExecutionError, ExecutionMode, MemoryConfig, Metered, OfflineMemory, Pure, VmInventory, VmInventoryError,
    WrittenNodes,
};
use vm_core::arch::{MEMORY_WIDE_BUSES, NoChip, SYSTEM_BUSES, VmConfig, is_access_width, wide_bus};
use vm_core::instructions::MemoryImage;
use vm_core::machine::SetupError;
use vm_core::machine::testing::{Allowed, TestError, VmChipTestBuilder, check_coverage, check_survivors};
use vm_core::machine::{VirtualMachine, VmExecutionError, VmExecutor};
use vm_core::stark::{KeygenError, SecurityPreset, StarkEngine, list_air};
use vm_core::system::memory::{GuestMemory, MemoryController, MemoryError};

use crate::fixture::{Engine, REFRESH, TestOf, f, padding_row};
use crate::machine::nop;
use crate::wide_machine::{ReverseExecutor, WideVm, reverse};

pub(crate) type Test = TestOf<WideVm>;
pub(crate) type Builder = VmChipTestBuilder<WideVm>;

pub(crate) const READ8: &str = "AccessAdapter8Read";
pub(crate) const WRITE8: &str = "AccessAdapter8Write";

// Byte pointers in main memory of the words that the instructions of `fixture` read and write. They are aligned to
// words, but not to leaves.
pub(crate) const SOURCE: u32 = 0x1004;
pub(crate) const TARGET: u32 = 0x2008;
pub(crate) const SAME: u32 = 0x3004;

/// Returns the initial value of word `i` at [`SOURCE`].
pub(crate) fn source_word(i: u32) -> u32 {
    0x0101_0203 * (i + 1)
}

/// A test with the initial memory of the fixture: eight words at [`SOURCE`] with one more on either side, and nine
/// equal words at [`SAME`].
fn setting(widths: &[usize]) -> Builder {
    let mut builder = Builder::new(WideVm::new(widths))
        .register(4, SOURCE)
        .register(5, TARGET)
        .register(6, SAME)
        .register(7, 0x4000)
        .word(2, SOURCE - 4, 0xeeee_eeee)
        .word(2, SOURCE + 32, 0xdddd_dddd)
        .word(2, SAME + 32, 0x5a5a_a5a5)
        .word(2, 0x4000, 77)
        .word(2, 0x4004, 0xffff_0000);
    for i in 0..8 {
        builder = builder.word(2, SOURCE + 4 * i, source_word(i)).word(2, SAME + 4 * i, 0x5a5a_a5a5);
    }
    builder
}

/// A program with three instructions of eight words and one of two words. They write to other words, in place, to the
/// public values, and in place.
fn builder() -> Builder {
    let program = [
        reverse::<8>((2, 4), (2, 5)),
        reverse::<8>((2, 6), (2, 6)),
        reverse::<8>((2, 6), (3, 0)),
        reverse::<2>((2, 7), (2, 7)),
    ];
    setting(&[2, 8]).instructions(0, program)
}

static FIXTURE: LazyLock<Test> = LazyLock::new(|| builder().build().unwrap());

/// Returns a copy of the honest traces of the run of [`builder`].
pub(crate) fn fixture() -> Test {
    FIXTURE.fork()
}

#[test]
fn system_wide_accesses_are_proven_and_verified() {
    let test = fixture();
    let verified = test.prove_and_verify().unwrap();
    let modes = test.modes();
    for i in 0..8 {
        assert_eq!(modes.memory[&(2, TARGET + 4 * i)], source_word(7 - i));
        assert_eq!(verified.public_values[4 * i as usize..][..4], 0x5a5a_a5a5_u32.to_le_bytes());
    }
    assert_eq!((modes.memory[&(2, 0x4000)], modes.memory[&(2, 0x4004)]), (0xffff_0000, 77));
    let adapters = modes.metered.memory.adapters;
    assert_eq!(
        [8, 2, 4].map(|words| (adapters.get(words, false), adapters.get(words, true))),
        [(3, 3), (1, 1), (0, 0)]
    );
    // The registers take two ticks, then each word takes one.
    for (air, first, rows) in [(READ8, 3, 3), (WRITE8, 11, 3), ("AccessAdapter2Read", 57, 1)] {
        assert_eq!(test.rows_where(air, 0, "valid", |x| x == f(1)).unwrap().len(), rows, "{air}");
        assert_eq!(test.cell(air, 0, 0, "timestamp").unwrap(), f(first), "{air}");
    }
}

#[test]
fn system_wide_accesses_of_every_width_are_proven() {
    // The strictest preset is used, because messages of 68 elements cost security bits.
    let program = [
        reverse::<2>((2, 4), (2, 5)),
        reverse::<4>((2, 4), (2, 5)),
        reverse::<16>((2, 4), (2, 5)),
        reverse::<32>((2, 5), (2, 4)),
    ];
    let builder = setting(&[2, 4, 8, 16, 32]).instructions(0, program).preset(SecurityPreset::Provable100);
    let test: Test = builder.build().unwrap();
    let verified = test.prove_and_verify().unwrap();
    assert!(verified.security.bits >= 100.0);
    assert!(test.input(READ8).unwrap().traces.is_empty(), "adapters without rows are not in the proof");
    assert_eq!(test.usage().iter().find(|usage| usage.air == "AccessAdapter32Write").unwrap().rows, 1);
    // In key order, adapters follow the other memory AIRs, sorted by width.
    let names: Vec<String> = test.air_set().airs.iter().map(|air| air.name()).collect();
    let first = names.iter().position(|name| name == REFRESH).unwrap() + 1;
    let adapters =
        [2, 4, 8, 16, 32].into_iter().flat_map(|n| ["Read", "Write"].map(|k| format!("AccessAdapter{n}{k}")));
    assert_eq!(names[first..first + 10], adapters.collect::<Vec<_>>());
    assert_eq!(names[first + 10], "Poseidon2");
}

#[test]
fn system_wide_accesses_refresh_each_word_over_a_long_gap() {
    let again = reverse::<8>((2, 4), (2, 5));
    let program = std::iter::once(again).chain(std::iter::repeat_n(nop(), 1 << 16)).chain([again]);
    let test: Test = setting(&[8]).instructions(0, program).build().unwrap();
    test.prove_and_verify().unwrap();
    // Two registers and sixteen words.
    assert_eq!(test.modes().metered.memory.refreshes, 18);
    // All accesses of the second instruction are 2^16 ticks after those of the first one, which needs no refresh.
    let program = std::iter::once(again).chain(std::iter::repeat_n(nop(), (1 << 16) - 18)).chain([again]);
    let test: Test = setting(&[8]).instructions(0, program).build().unwrap();
    test.prove_and_verify().unwrap();
    assert_eq!(test.modes().metered.memory.refreshes, 0);
}

#[test]
fn system_adapter_rows_may_be_spread_over_instances() {
    let mut test = fixture();
    for air in [READ8, WRITE8] {
        let trace = test.trace(air, 0).unwrap().clone();
        let (first, second) = trace.values.split_at(2 * trace.width);
        let matrix = |values: &[_]| p3_matrix::dense::RowMajorMatrix::new(values.to_vec(), trace.width);
        let (second, padding) = second.split_at(2 * trace.width);
        assert!(padding.iter().all(|x| *x == f(0)), "there are at most four accesses");
        test.input_mut(air).unwrap().traces = vec![matrix(first), matrix(second)];
    }
    test.prove_and_verify().unwrap();
}

/// Returns a memory in which one word of main memory and one of the eight words of public values are not zero.
fn memory() -> (MemoryConfig, GuestMemory) {
    let config = MemoryConfig { pointer_max_bits: 20, ..MemoryConfig::default() };
    let image = MemoryImage::from([((2, 0x104), 5), ((3, 28), 6)]);
    let memory = GuestMemory::from_image(&config, 32, &image).unwrap();
    (config, memory)
}

/// Checks which wide accesses return an error, and that these neither write nor take time.
fn refuse<M: ExecutionMode>(memory: &mut MemoryController<M>) {
    let at = memory.timestamp();
    let misaligned = |pointer| MemoryError::Misaligned { pointer, width: 4 };
    let outside = |space, pointer, size| MemoryError::OutOfRange { space, pointer, size };
    for pointer in [1, 0x102, 0x103, u32::MAX] {
        assert_eq!(*memory.read_wide::<8>(2, pointer).unwrap_err(), misaligned(pointer));
        assert_eq!(*memory.write_wide(2, pointer, [1; 8]).unwrap_err(), misaligned(pointer));
    }
    // The error contains the pointer of the first word that does not exist.
    for (space, pointer, missing, size) in [
        (2, (1 << 20) - 28, 1 << 20, 1 << 20),
        (2, 1 << 20, 1 << 20, 1 << 20),
        (2, u32::MAX - 3, u32::MAX - 3, 1 << 20),
        (3, 4, 32, 32),
        (3, 28, 32, 32),
        (1, 4 * 60, 256, 256),
        (0, 0, 0, 0),
        (9, 0, 0, 0),
    ] {
        assert_eq!(*memory.read_wide::<8>(space, pointer).unwrap_err(), outside(space, missing, size));
        assert_eq!(*memory.write_wide(space, pointer, [1; 8]).unwrap_err(), outside(space, missing, size));
    }
    assert_eq!(memory.memory().space_words(3), [0, 0, 0, 0, 0, 0, 0, 6], "nothing was written");
    assert_eq!(memory.memory().peek(2, (1 << 20) - 4), Ok(0));
    assert_eq!(memory.timestamp(), at, "no time has passed");
    // Accesses at the very end of a space are allowed.
    assert_eq!(memory.read_wide::<8>(3, 0).unwrap(), [0, 0, 0, 0, 0, 0, 0, 6]);
    memory.write_wide(2, (1 << 20) - 32, [1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    assert_eq!(memory.read(2, (1 << 20) - 4).unwrap().0, 8);
    assert_eq!(memory.memory().peek_wide::<2>(2, 0x100).unwrap(), [0, 5]);
}

#[test]
fn system_wide_accesses_happen_as_a_whole_or_not_at_all() {
    refuse(&mut MemoryController::new(memory().1, Pure));
    let (config, guest) = memory();
    let mut metered = MemoryController::new(guest, Metered::new(&config, 32, 0, WrittenNodes::default()));
    refuse(&mut metered);
    assert_eq!(metered.timestamp(), 1 + 8 + 8 + 1);
    let rows = metered.mode.memory_rows();
    let used: Vec<_> = rows.adapters.iter().filter(|(.., rows)| *rows > 0).collect();
    assert_eq!(used, [(8, false, 1), (8, true, 1)]);
    assert_eq!(rows.leaves, 4, "two leaves of public values, two at the end of main memory");
    let mut recording = MemoryController::new(memory().1, OfflineMemory::new(&config, 32));
    refuse(&mut recording);
    let log = recording.mode.wide();
    assert_eq!((log.len(8, false), log.len(8, true), log.len(4, false), log.len(3, true)), (1, 1, 0, 0));
    assert_eq!(log.widths().collect::<Vec<_>>(), [8]);
}

#[test]
fn system_failed_wide_accesses_name_the_instruction() {
    // A write of eight words that begins at byte 4 of the public values, which have only eight words.
    let builder = setting(&[8]).register(5, 4).instruction(0x40, reverse::<8>((2, 4), (3, 5)));
    let executor = VmExecutor::new(builder.config().clone());
    let source = MemoryError::OutOfRange { space: 3, pointer: 32, size: 32 };
    match executor.execute(&builder.exe().unwrap(), vec![]) {
        Err(VmExecutionError::Execution(error)) => assert_eq!(error.error, ExecutionError::Memory { pc: 0x40, source }),
        other => panic!("{other:?}"),
    }
}

#[test]
fn system_widths_without_adapters_are_refused() {
    for words in [0, 1, 3, 6, 24, 33, 64, usize::MAX] {
        assert!(!is_access_width(words) && wide_bus(words).is_none());
        let error = VmInventory::<ReverseExecutor, NoChip>::new().add_access_width(words).unwrap_err();
        assert_eq!(error, VmInventoryError::AccessWidth { words });
        assert!(error.to_string().contains("request 2, 4, 8, 16 or 32"), "{error}");
    }
    for (bus, words) in MEMORY_WIDE_BUSES.into_iter().zip([2, 4, 8, 16, 32]) {
        assert_eq!((wide_bus(words), bus.arity), (Some(bus), 4 + 2 * words));
    }
}

fn setup(config: WideVm) -> Result<(), SetupError> {
    let exe = setting(&[]).instruction(0, nop()).exe().unwrap();
    VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config).setup(exe).map(|_| ())
}

#[test]
fn system_wide_accesses_need_a_configuration_that_allows_them() {
    let with_max = |max: usize| {
        let mut config = WideVm::new(&[2, 8]);
        config.system_mut().memory_config.max_access_adapter_n = max;
        setup(config)
    };
    for max in [8, 16, 32] {
        with_max(max).unwrap();
    }
    for max in [1, 2, 4] {
        let words = if max == 1 { 2 } else { 8 };
        match with_max(max) {
            Err(SetupError::Vm(VmExecutionError::Inventory(error))) => {
                assert_eq!(error, VmInventoryError::AccessWidthAboveMaximum { words, max });
                assert!(error.to_string().contains(&format!("raise it to at least {words}")), "{error}");
            }
            other => panic!("{max}: {other:?}"),
        }
    }
    for max in [0, 3, 12, 33, 64, usize::MAX] {
        match with_max(max) {
            Err(SetupError::Vm(VmExecutionError::Inventory(VmInventoryError::Config { field, value, .. }))) => {
                assert_eq!((field, value), ("memory_config.max_access_adapter_n", max.to_string()));
            }
            other => panic!("{max}: {other:?}"),
        }
    }
}

#[test]
fn system_a_width_that_nobody_asked_for_has_no_bus() {
    let mut config = WideVm::new(&[8]);
    config.reversal.asks = vec![4];
    match setup(config.clone()) {
        Err(SetupError::Keygen(KeygenError::UnknownBus { air, bus, .. })) => {
            assert_eq!((air.as_str(), bus.as_str()), ("Reverse8", "memory_wide_8"));
        }
        other => panic!("{other:?}"),
    }
    // So no traces can be made either.
    let test: Result<Test, TestError> = Builder::new(config).instruction(0, nop()).build();
    assert!(matches!(test, Err(TestError::Setup(_))));
    // Requesting a width twice, or one that no instruction uses, does no harm.
    let mut config = WideVm::new(&[8]);
    config.reversal.asks = vec![8, 2, 8];
    setup(config).unwrap();
}

#[test]
fn system_access_adapters_have_no_free_column() {
    for air in [READ8, WRITE8, "AccessAdapter2Read", "AccessAdapter2Write"] {
        let mut test = fixture();
        padding_row(&mut test, air, "valid");
        let sweep = test.sweep(air).unwrap();
        assert!(sweep.mutations > 0, "{air}");
        check_survivors(&sweep.survivors, &[] as &[Allowed]).unwrap();
        check_coverage(&sweep.coverage, &[]).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn system_access_adapters_say_what_they_are_known_to_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/system/listings");
    let update = std::env::var_os("UPDATE_LISTINGS").is_some();
    for air in ["AccessAdapter2Read", "AccessAdapter2Write", READ8, WRITE8, "Reverse2"] {
        let listing = list_air(fixture().air(air).unwrap(), &SYSTEM_BUSES);
        let file = folder.join(format!("{air}.txt"));
        if update {
            std::fs::write(&file, &listing).unwrap();
        }
        let known = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            known == listing,
            "the listing of {air} has changed (if intended, set UPDATE_LISTINGS=1); it is now\n{listing}"
        );
    }
}
