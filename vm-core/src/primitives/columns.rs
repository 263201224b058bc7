//! Column structs: names and widths of `#[repr(C)]` structs whose fields are all of the cell type.

/// Layout of a column struct, implemented on its `u8` instance (one byte stands for one cell).
///
/// Derived by `#[derive(AlignedBorrow)]`; arrays and nested column structs compose.
///
/// # Safety
///
/// The type consists of cells only, without padding and without values that are not valid: the derive reinterprets
/// slices of cells as column structs because every field implements this trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not made of cells",
    label = "not a cell, an array of cells or a column struct",
    note = "every field of a column struct must be `T`, `[T; N]` or another struct with `#[derive(AlignedBorrow)]`"
)]
#[allow(unsafe_code)]
pub unsafe trait ColumnLayout {
    /// Whether `#[columns]` gave roles that constrain cells, which only instructions with an adapter carry out.
    const HAS_ROLES: bool = false;

    /// Appends one name per cell, each starting with `prefix`.
    fn push_names(prefix: &str, out: &mut Vec<String>);
}

// SAFETY: one byte stands for one cell.
#[allow(unsafe_code)]
unsafe impl ColumnLayout for u8 {
    fn push_names(prefix: &str, out: &mut Vec<String>) {
        out.push(prefix.to_owned());
    }
}

// SAFETY: an array of cells has nothing but cells.
#[allow(unsafe_code)]
unsafe impl<L: ColumnLayout, const N: usize> ColumnLayout for [L; N] {
    const HAS_ROLES: bool = L::HAS_ROLES;

    fn push_names(prefix: &str, out: &mut Vec<String>) {
        for i in 0..N {
            L::push_names(&format!("{prefix}[{i}]"), out);
        }
    }
}

/// Number of cells of a column struct of an AIR with constraints of its own, given its `u8` instance.
///
/// Roles that `#[columns]` gives to columns are refused: nobody would prove them.
///
/// ```compile_fail,E0080
/// extern crate vm_core as vm_sdk;
///
/// #[vm_derive::columns]
/// struct FlagCols<T> {
///     #[bool]
///     flag: T,
/// }
///
/// let width = vm_core::primitives::width_of::<FlagCols<u8>>();
/// ```
pub const fn width_of<Cols: ColumnLayout>() -> usize {
    const {
        // Soundness: else `#[bool]` and `#[range]` would read like constraints, and nothing would prove them.
        assert!(
            !Cols::HAS_ROLES,
            "nothing proves the roles of these columns: only an instruction with an adapter does; here, derive \
             `AlignedBorrow` instead of `#[columns]` and write the constraints out"
        );
    }
    size_of::<Cols>()
}

/// One name per cell of a column struct, given its `u8` instance.
pub fn names_of<Cols: ColumnLayout>() -> Vec<String> {
    let mut out = Vec::with_capacity(size_of::<Cols>());
    Cols::push_names("", &mut out);
    out
}
