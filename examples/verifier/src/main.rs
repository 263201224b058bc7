//! Verifies a proof: `cargo run -p vm-verifier -- KEY PROOF`, with the files that `cargo vm prove --vk-out KEY -o PROOF`
//! writes.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let [key, proof]: [String; 2] =
        std::env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "usage: vm-verifier KEY PROOF")?;
    let public_values = vm_verifier::verify(&std::fs::read(key)?, &std::fs::read(proof)?)?;
    println!("public values: {public_values:02x?}");
    Ok(())
}
