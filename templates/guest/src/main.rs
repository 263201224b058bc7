//! Reads n and commits the n-th Fibonacci number.
#![cfg_attr(target_arch = "riscv32", no_std, no_main)]

use vm_guest::io;

vm_guest::entry!(main);

fn main() -> Result<(), &'static str> {
    let n: u32 = io::read();
    let number = fibonacci(n).ok_or("the number does not fit into 64 bits")?;
    vm_guest::println!("fibonacci({n}) = {number}");
    io::commit(&number);
    Ok(())
}

fn fibonacci(n: u32) -> Option<u64> {
    let (mut this, mut next) = (0, Some(1u64));
    for _ in 0..n {
        (this, next) = (next?, next?.checked_add(this));
    }
    Some(this)
}

#[cfg(test)]
mod tests {
    use vm_guest::host;

    use super::*;

    /// Runs the program natively with this input.
    fn run(n: u32) -> host::Outcome {
        host::run([postcard::to_stdvec(&n).unwrap()], main)
    }

    #[test]
    fn the_number_is_committed() {
        let outcome = run(90);
        assert_eq!(outcome.exit_code, 0);
        assert_eq!(outcome.printed, "fibonacci(90) = 2880067194370816120\n");
        let number: u64 = postcard::take_from_bytes(&outcome.public_values).unwrap().0;
        assert_eq!(number, 2_880_067_194_370_816_120);
    }

    #[test]
    fn the_largest_number_is_the_93rd() {
        assert_eq!(fibonacci(93), Some(12_200_160_415_121_876_738));
        let failed = run(94);
        assert_eq!(failed.exit_code, 1);
        assert!(failed.printed.contains("does not fit"), "{failed:?}");
    }
}
