//! Verifies a proof: `cargo run -p chipwright-example-verifier -- COMMITMENT KEY PROOF`. `cargo chipwright prove` prints the
//! commitment of the program, and its options `--vk-out KEY -o PROOF` write the files.

use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    match verify() {
        Ok(public_values) => {
            println!("public values: {public_values:02x?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn verify() -> Result<Vec<u8>, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [commitment, key, proof] = &arguments[..] else {
        return Err("usage: chipwright-example-verifier COMMITMENT KEY PROOF".into());
    };
    let (key, proof) = (std::fs::read(key)?, std::fs::read(proof)?);
    Ok(example_verifier::verify(commitment.parse()?, &key, &proof)?)
}
