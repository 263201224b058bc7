//! A discriminant selects one phantom executor, in whatever notation. A bus is declared once.
use vm_derive::vm_extension;

#[vm_extension(
    phantoms(0x20 => HintInput, 32 => PrintStr, HINT => HintInput, HINT => PrintStr),
    buses(FOO_BUS, BAR_BUS, FOO_BUS),
)]
struct Io;

fn main() {}
