//! The guest functions on the host: they execute the instructions on memory of the host.

use vm_sdk::arch::authoring::Core;

use crate::words::Number;
use crate::{AddSub256, Bitwise256, LessThan256, Mul256, ShiftRight256, Sll256};

/// Defines functions `fn(to, x, y)` that write what an instruction computes of the numbers at `x` and `y`.
///
/// # Safety
/// `x` and `y` must be readable and `to` must be writable. They may overlap.
macro_rules! functions {
    ($($name:ident: $instruction:expr, |$x:ident, $y:ident| $reads:expr;)+) => {$(
        #[allow(unsafe_code)]
        pub(crate) unsafe fn $name(to: *mut Number, x: *const Number, y: *const Number) {
            // SAFETY: promised by the caller. Both numbers are read before the result is written.
            let ($x, $y) = unsafe { (x.read(), y.read()) };
            let result = $instruction.execute($reads);
            // SAFETY: promised by the caller.
            unsafe { to.write(result) };
        }
    )+};
}

functions! {
    add256: AddSub256::Add256, |x, y| [x, y];
    sub256: AddSub256::Sub256, |x, y| [x, y];
    xor256: Bitwise256::Xor256, |x, y| [x, y];
    or256: Bitwise256::Or256, |x, y| [x, y];
    and256: Bitwise256::And256, |x, y| [x, y];
    slt256: LessThan256::Slt256, |x, y| [x, y];
    sltu256: LessThan256::Sltu256, |x, y| [x, y];
    mul256: Mul256, |x, y| [x, y];
    sll256: Sll256, |x, y| (x, [y[0]]);
    srl256: ShiftRight256::Srl256, |x, y| (x, [y[0]]);
    sra256: ShiftRight256::Sra256, |x, y| (x, [y[0]]);
}
