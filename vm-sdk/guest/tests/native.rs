//! A guest's functions, run natively: what they read, commit and print, and how they end.

use serde::{Deserialize, Serialize};
use vm_guest::host::run;
use vm_guest::io::{commit, commit_bytes, random_bytes, read, read_vec, try_read};
use vm_guest::{exit, print, println};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Transfer {
    from: String,
    amount: u64,
}

fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).unwrap()
}

#[test]
fn values_are_read_and_committed_in_order() {
    let transfer = Transfer { from: "Zoë".into(), amount: 300 };
    let outcome = run([encoded(&transfer), vec![1, 2, 3]], || {
        let transfer: Transfer = read();
        commit(&transfer.amount);
        commit_bytes(&read_vec());
        commit(&true);
        print!("{}", transfer.from);
        println!(" sends {}", transfer.amount);
        println!();
    });
    assert_eq!(outcome.exit_code, 0);
    // 300 as a varint, the bytes, true; then zeros up to a word.
    assert_eq!(outcome.public_values, [0xac, 2, 1, 2, 3, 1, 0, 0]);
    assert_eq!(outcome.printed, "Zoë sends 300\n\n");
}

#[test]
fn inputs_that_do_not_decode_are_explained() {
    let inputs = [vec![], vec![0xff, 1], vec![5, 6]];
    let outcome = run(inputs, || {
        for _ in 0..3 {
            println!("{}", try_read::<u8>().unwrap_err());
        }
    });
    let lines: Vec<&str> = outcome.printed.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("input vector 0 (0 bytes) is no postcard encoding of u8: "), "{lines:?}");
    assert_eq!(lines[1], "input vector 1 has 2 bytes, but the u8 in it ends after 1");
    assert_eq!(lines[2], "input vector 2 has 2 bytes, but the u8 in it ends after 1");

    let outcome = run([vec![7]], || {
        let _: String = read();
    });
    assert_eq!(outcome.exit_code, 1);
    assert!(outcome.printed.contains("input vector 0 (1 bytes) is no postcard encoding of"), "{}", outcome.printed);
}

#[test]
fn random_bytes_differ_within_a_run_and_not_between_runs() {
    let draw = || {
        let (mut first, mut second) = ([0; 13], [0; 13]);
        random_bytes(&mut first);
        random_bytes(&mut []);
        random_bytes(&mut second);
        assert_ne!(first, second);
        assert_ne!(first[8..], [0; 5]);
        commit_bytes(&first);
        commit_bytes(&second);
    };
    draw();
    let outcome = run([], draw);
    assert_eq!(outcome.exit_code, 0, "{}", outcome.printed);
    assert_eq!(run([], draw), outcome);
}

#[test]
fn programs_end_with_codes() {
    assert_eq!(run([], || exit_with(7)).exit_code, 7);
    let failing = run([], || -> Result<(), &str> { Err("no funds") });
    assert_eq!((failing.exit_code, failing.printed.as_str()), (1, "error: no funds\n"));
    assert_eq!(run([], || -> Result<(), &str> { Ok(()) }).exit_code, 0);
    let missing = run([], || drop(read_vec()));
    assert!(missing.printed.contains("input vector 0, but only 0 were given"), "{}", missing.printed);
}

fn exit_with(code: u8) {
    exit(code)
}

/// What may stand in `entry!`.
mod entries {
    vm_guest::entry!(plain);
    vm_guest::entry!(self::fallible);

    fn plain() {}

    fn fallible() -> Result<(), core::fmt::Error> {
        Ok(())
    }
}
