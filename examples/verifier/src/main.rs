//! Verifies a proof: `cargo run -p chipwright-example-verifier -- COMMITMENT KEY PROOF`. `cargo chipwright prove` prints the
//! commitment of the program, and its options `--vk-out KEY -o PROOF` write the files.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let [commitment, key, proof]: [String; 3] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: chipwright-example-verifier COMMITMENT KEY PROOF")?;
    let public_values = example_verifier::verify(commitment.parse()?, &std::fs::read(key)?, &std::fs::read(proof)?)?;
    println!("public values: {public_values:02x?}");
    Ok(())
}
