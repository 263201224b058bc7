//! Names and widths of column structs: `#[repr(C)]` structs that consist of cells only.

/// Layout of a column struct. The trait is implemented for the struct with cells of type `u8`, so one byte stands for
/// one cell.
///
/// `#[derive(AlignedBorrow)]` implements it. Fields may be cells, arrays and nested column structs.
///
/// # Safety
/// The type must consist of cells only: no padding, and no invalid bit patterns. The derive relies on this when it
/// reinterprets slices of cells as column structs whose fields all implement this trait.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not made of cells",
    label = "not a cell, an array of cells or a column struct",
    note = "every field of a column struct must be `T`, `[T; N]` or another struct with `#[derive(AlignedBorrow)]`"
)]
#[allow(unsafe_code)]
pub unsafe trait ColumnLayout {
    /// Whether `#[columns]` gave columns roles that imply constraints. Only instructions with an adapter emit these
    /// constraints.
    const HAS_ROLES: bool = false;

    /// Appends one name per cell to `out`. Each name starts with `prefix`.
    fn push_names(prefix: &str, out: &mut Vec<String>);
}

// SAFETY: a `u8` is one cell.
#[allow(unsafe_code)]
unsafe impl ColumnLayout for u8 {
    fn push_names(prefix: &str, out: &mut Vec<String>) {
        out.push(prefix.to_owned());
    }
}

// SAFETY: an array of types that consist of cells consists of cells, without padding between them.
#[allow(unsafe_code)]
unsafe impl<L: ColumnLayout, const N: usize> ColumnLayout for [L; N] {
    const HAS_ROLES: bool = L::HAS_ROLES;

    fn push_names(prefix: &str, out: &mut Vec<String>) {
        for i in 0..N {
            L::push_names(&format!("{prefix}[{i}]"), out);
        }
    }
}

/// Returns the number of cells of a column struct, given as the struct with cells of type `u8`. Meant for AIRs that
/// emit their own constraints.
///
/// Column structs with roles from `#[columns]` are refused at compile time, since nothing would prove the roles.
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
        // Soundness: otherwise `#[bool]` and `#[range]` would look like constraints, but nothing would prove them.
        assert!(
            !Cols::HAS_ROLES,
            "nothing proves the roles of these columns: only instructions with an adapter do; here, derive \
             `AlignedBorrow` instead of `#[columns]` and write the constraints out"
        );
    }
    size_of::<Cols>()
}

/// Returns one name per cell of a column struct, given as the struct with cells of type `u8`.
pub fn names_of<Cols: ColumnLayout>() -> Vec<String> {
    let mut out = Vec::with_capacity(size_of::<Cols>());
    Cols::push_names("", &mut out);
    out
}
