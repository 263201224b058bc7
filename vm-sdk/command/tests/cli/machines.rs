//! Machines that the command line describes, and the default one.

use super::*;

const ENGINE: &str = "--engine=whir-blake3";
const FIELD: &str = "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
const ORDER: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
/// The test vector `ValidKey` of the precompiled contract ECRECOVER of go-ethereum: hash, v, r and s.
const SIGNATURE: &str = "456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef31c9242685bf161793cc25603c231bc2f568eb630ea16a\
a137d2664ac80388256084f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada";
const ADDRESS: &str = "7156526fbd7a3c72969b54f64e42c10fbb768c8a";

/// Returns the path of a guest that uses extensions.
fn extended(name: &str) -> String {
    format!("{}/../../tests/fixtures/extensions/{name}.elf", env!("CARGO_MANIFEST_DIR"))
}

/// Returns the description of a machine for the curve secp256k1.
fn description(moduli: [&str; 2], a: &str) -> String {
    let [first, second] = moduli;
    format!("keccak256 = true\nmodular = ['{first}', '{second}']\n[[ecc]]\nmodulus = '{FIELD}'\na = '{a}'\n")
}

/// Returns the names of the AIRs in a key.
fn airs(key: &str) -> Vec<String> {
    let key = vm(["inspect", key, "--json"]).assert_success().json();
    key["airs"].as_array().unwrap().iter().map(|air| air["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_signer_is_recovered_on_a_described_machine() {
    let scratch = Scratch::new();
    let machine = scratch.write("machine.toml", description([FIELD, ORDER], "0").as_bytes());
    let elf = extended("rust_ecrecover");
    let run = |machine: &str| vm(["run", &elf, "--input", SIGNATURE, "--machine", machine, "--json"]);
    let report = run(&machine).assert_success().json();
    assert_eq!(report["public_values"].as_str().unwrap()[24..], *ADDRESS);

    let swapped = scratch.write("swapped.toml", description([ORDER, FIELD], "0").as_bytes());
    run(&swapped).assert_failure(1, "give the machine the moduli in the order of the program");
    vm(["run", &elf, "--input", SIGNATURE])
        .assert_failure(1, "is an instruction of an extension, which the machine does not have");
}

#[test]
fn proofs_are_bound_to_the_described_machine() {
    let scratch = Scratch::new();
    let machine = scratch.write("machine.toml", description([FIELD, ORDER], "0").as_bytes());
    let other = scratch.write("other.toml", description([FIELD, ORDER], "1").as_bytes());
    let (proof, key) = (scratch.arg("proof"), scratch.arg("key"));
    let elf = extended("rust_ecrecover");
    // r = 0, so the signature is not valid and the run is short.
    let signature = format!("{}{}", &SIGNATURE[..66], "0".repeat(128));
    let arguments = ["prove", &elf, "--input", &signature, ENGINE, "-o", &proof, "--vk-out", &key];
    vm(arguments.iter().chain(&["--machine", &machine])).assert_success();

    vm(["verify", &proof, "--vk", &key]).assert_success();
    vm(["verify", &proof, "--elf", &elf, "--machine", &machine]).assert_success();
    vm(["verify", &proof, "--elf", &elf, "--machine", &other])
        .assert_failure(1, "was proven for another program or machine");
    vm(["verify", &proof, "--elf", &elf]).assert_failure(1, "was proven for another program or machine");
    // The program has no instruction of bigint and sha256.
    let everything = format!("bigint = true\nsha256 = true\n{}", description([FIELD, ORDER], "0"));
    let everything = scratch.write("everything.toml", everything.as_bytes());
    vm(["verify", &proof, "--elf", &elf, "--machine", &everything]).assert_success();
    let airs = airs(&key);
    assert!(airs.iter().any(|air| air == "AddPoints[0]"), "{airs:?}");
    assert!(!airs.iter().any(|air| air.starts_with("Mul256") || air.starts_with("Sha256")), "{airs:?}");
}

/// P-256, its order, and the field of secp256k1.
const P256: &str = "modular = [
    '0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff',
    '0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    '0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f',
]
[[ecc]]
modulus = '0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff'
a = '0xffffffff00000001000000000000000000000000fffffffffffffffffffffffc'
";
/// SHA-256 of "sample", a public key, and a signature (RFC 6979, A.2.5).
const SIGNED: [&str; 5] = [
    "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
];

/// Returns the 32 bytes of a small number in hexadecimal.
fn number(number: u64) -> String {
    format!("{number:064x}")
}

#[test]
fn signatures_multiples_and_powers_agree_with_test_vectors() {
    let scratch = Scratch::new();
    let machine = scratch.write("machine.toml", P256.as_bytes());
    let elf = extended("rust_p256");
    let [hash, x, y, r, s] = SIGNED;
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let generator = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    let multiple = "339150844ec15234807fe862a86be77977dbfb3ae3d96f4c22795513aeaab82f";
    let proven = [
        (format!("00{hash}{x}{y}{r}{s}"), number(1)),
        (format!("01{}", number(112_233_445_566_778_899)), multiple.to_owned()),
        // The first example of EIP-198: the theorem of Fermat.
        (format!("02{}{}efffffc2e", number(3), "f".repeat(55)), number(1)),
    ];
    let others = [
        (format!("00{r}{x}{y}{r}{s}"), number(0)),
        (format!("00{hash}{x}{y}{s}{r}"), number(0)),
        (format!("00{hash}{x}{x}{r}{s}"), number(0)),
        (format!("00{hash}{x}{y}{}{s}", number(0)), number(0)),
        (format!("00{hash}{x}{y}{order}{s}"), number(0)),
        (format!("01{}", number(0)), number(0)),
        (format!("01{}", number(1)), generator.to_owned()),
        (format!("01{}50", &order[..62]), generator.to_owned()),
        (format!("01{order}"), number(0)),
        (format!("02{}{}", number(0), number(0)), number(1)),
        (format!("02{}{}", number(2), number(10)), number(1024)),
    ];
    for (input, expected) in proven.iter().chain(&others) {
        let report = vm(["run", &elf, "--machine", &machine, "--input", input, "--json"]).assert_success().json();
        assert_eq!(report["public_values"], **expected, "{input}");
    }
    let proof = scratch.arg("proof");
    for (input, expected) in &proven {
        vm(["prove", &elf, "--machine", &machine, "--input", input, ENGINE, "-o", &proof]).assert_success();
        let verified = vm(["verify", &proof, "--elf", &elf, "--machine", &machine, "--json"]).assert_success().json();
        assert_eq!(verified["public_values"], **expected, "{input}");
    }
}

#[test]
fn complex_numbers_agree_with_test_vectors() {
    let scratch = Scratch::new();
    let field = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
    let other = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    let lists = format!("modular = ['0x{field}', '0x{other}']\nfp2 = ['0x{field}', '0x{other}']");
    let machine = scratch.write("machine.toml", lists.as_bytes());
    let elf = extended("rust_fp2");
    let vectors = [
        // The generators of BN254 and BLS12-381 are on their curves.
        ("00".to_owned(), number(1)),
        (format!("01{}", number(5)), "034c3fdd9a3edbeeb46e6c538c3b42e57c052b8731f18b7413e297a31e9ba1d5".to_owned()),
        (format!("02{}", number(5)), "29647108b30f958f355aa2f5a7982cf4025493e5a04d612602d34961a815c106".to_owned()),
        // The power with the prime as exponent is the conjugate.
        (format!("01{field}"), "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed".to_owned()),
        (format!("02{field}"), "16d5badf4f2457ef45ef85ff4f85fb37a5d7215e32c7e37aa43c065f2989ea85".to_owned()),
        (format!("01{}", number(0)), number(1)),
    ];
    for (input, expected) in &vectors {
        let report = vm(["run", &elf, "--machine", &machine, "--input", input, "--json"]).assert_success().json();
        assert_eq!(report["public_values"], **expected, "{input}");
    }
    let proof = scratch.arg("proof");
    vm(["prove", &elf, "--machine", &machine, "--input", "00", ENGINE, "-o", &proof]).assert_success();
    let verified = vm(["verify", &proof, "--elf", &elf, "--machine", &machine, "--json"]).assert_success().json();
    assert_eq!(verified["public_values"], *number(1));

    // The order of the lists matters.
    let swapped = format!("modular = ['0x{field}', '0x{other}']\nfp2 = ['0x{other}', '0x{field}']");
    let swapped = scratch.write("swapped.toml", swapped.as_bytes());
    vm(["run", &elf, "--machine", &swapped, "--input", "00"]).assert_failure(1, "in the order of the program");
}

/// The test vector `jeff1` of the precompiled contract of BN254 of go-ethereum: two pairs of points, the product of whose pairings
/// is 1.
const PAIRS: [&str; 12] = [
    "1c76476f4def4bb94541d57ebba1193381ffa7aa76ada664dd31c16024c43f59",
    "3034dd2920f673e204fee2811c678745fc819b55d3e9d294e45c9b03a76aef41",
    "209dd15ebff5d46c4bd888e51a93cf99a7329636c63514396b4a452003a35bf7",
    "04bf11ca01483bfa8b34b43561848d28905960114c8ac04049af4b6315a41678",
    "2bb8324af6cfc93537a2ad1a445cfd0ca2a71acd7ac41fadbf933c2a51be344d",
    "120a2a4cf30c1bf9845f20c6fe39e07ea2cce61f0c9bb048165fe5e4de877550",
    "111e129f1cf1097710d41c4ac70fcdfa5ba2023c6ff1cbeac322de49d1b6df7c",
    "2032c61a830e3c17286de9462bf242fca2883585b93870a73853face6a6bf411",
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2",
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b",
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
];
/// Generators of the groups of BLS12-381, and the y-coordinate of the first one negated (EIP-2537).
const BLS12_381: [&str; 7] = [
    "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb",
    "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1",
    "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8",
    "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e",
    "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801",
    "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be",
    "114d1d6855d545a8aa7d76c8cf2e21f267816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca",
];

#[test]
fn pairings_agree_with_test_vectors() {
    let scratch = Scratch::new();
    let field = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
    let other = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    let lists = format!("modular = ['0x{field}', '0x{other}']\nfp2 = ['0x{field}', '0x{other}']\npairing = ");
    let machine = scratch.write("machine.toml", format!("{lists}true").as_bytes());
    let elf = extended("rust_pairing");
    let run = |input: &str| vm(["run", &elf, "--machine", &machine, "--input", input, "--json"]);
    let pairs = format!("00{}", PAIRS.concat());
    let [x, y, x_re, x_im, y_re, y_im, negative] = BLS12_381.map(|number| format!("{}{number}", "0".repeat(32)));
    let generators = format!("{x}{y}{x_re}{x_im}{y_re}{y_im}");
    let opposite = format!("{x}{negative}{x_re}{x_im}{y_re}{y_im}");
    let vectors = [
        (pairs.clone(), 1),
        (pairs[..2 + 384].to_owned(), 0),
        ("00".to_owned(), 1),
        // A pairing with the point at infinity.
        (format!("00{}{}", "0".repeat(128), PAIRS[2..6].concat()), 1),
        (format!("01{generators}{opposite}"), 1),
        (format!("01{generators}{generators}"), 0),
    ];
    for (input, expected) in &vectors {
        assert_eq!(run(input).assert_success().json()["public_values"], *number(*expected), "{input}");
    }
    let swapped = [PAIRS[0], PAIRS[1], PAIRS[3], PAIRS[2], PAIRS[4], PAIRS[5]].concat();
    for (input, message) in [
        (format!("00{swapped}"), "a point is not in the second group"),
        (format!("00{field}{}", PAIRS[1..6].concat()), "a coordinate is not reduced"),
    ] {
        let report = run(&input).assert_failure(1, "the guest ended with exit code 1").json();
        assert!(report["output"].as_str().unwrap().contains(message), "{report}");
    }

    let proof = scratch.arg("proof");
    vm(["prove", &elf, "--machine", &machine, "--input", &pairs, ENGINE, "-o", &proof]).assert_success();
    let verified = vm(["verify", &proof, "--elf", &elf, "--machine", &machine, "--json"]).assert_success().json();
    assert_eq!(verified["public_values"], *number(1));

    // Without the hint, the machine does not know its word.
    let without = scratch.write("without.toml", format!("{lists}false").as_bytes());
    vm(["run", &elf, "--machine", &without, "--input", &pairs]).assert_failure(1, "the machine does not have");
}

#[test]
fn the_default_machine_has_hashes_and_integers() {
    let scratch = Scratch::new();
    let nothing = scratch.write("nothing.toml", b"");
    let pair = "01".repeat(64);
    for (name, input) in [("rust_bigint", pair.as_str()), ("sha256_guest", "616263")] {
        let elf = extended(name);
        vm(["run", &elf, "--input", input]).assert_success();
        vm(["run", &elf, "--input", input, "--machine", &nothing])
            .assert_failure(1, "is an instruction of an extension, which the machine does not have");
    }
    let airs = vm(["inspect", "--airs", "--json"]).assert_success().json();
    let has = |name: &str| airs["airs"].as_array().unwrap().iter().any(|air| air["name"] == name);
    assert!(has("Mul256") && has("Sha256") && has("Keccak256"), "{}", airs["airs"]);
}

#[test]
fn keys_have_no_circuits_that_the_program_cannot_use() {
    let scratch = Scratch::new();
    let nothing = scratch.write("nothing.toml", b"");
    let (proof, key) = (scratch.arg("proof"), scratch.arg("key"));
    let elf = guest("fibonacci");
    vm(["prove", &elf, "--input", "u32:10", ENGINE, "-o", &proof, "--vk-out", &key]).assert_success();
    vm(["verify", &proof, "--elf", &elf, "--machine", &nothing]).assert_success();
    let listed = vm(["inspect", "--airs", "--machine", &nothing, "--json"]).assert_success().json();
    assert_eq!(airs(&key).len(), listed["airs"].as_array().unwrap().len());
    assert!(vm(["inspect", &proof]).assert_success().stdout.contains("AddImm"), "names of AIRs");
}

#[test]
fn errors_in_descriptions_have_a_place() {
    let scratch = Scratch::new();
    let elf = guest("fibonacci");
    let run = |machine: &str| vm(["run", &elf, "--input", "u32:10", "--machine", machine]);
    run(&scratch.arg("missing.toml")).assert_failure(2, "missing.toml");
    let unknown = scratch.write("unknown.toml", b"keccak256 = true\nkeccak = true\n");
    let failure = run(&unknown);
    failure.assert_failure(2, "unknown.toml does not describe a machine").assert_failure(2, "line 2");
    run(&scratch.write("bytes.toml", &[0xFF]))
        .assert_failure(2, "bytes.toml does not describe a machine: invalid utf-8");
    let modulus = scratch.write("modulus.toml", b"modular = ['0x1234']\n");
    run(&modulus).assert_failure(2, "253 to 256 or 381 to 384 bits");
    let many = format!("modular = [{}]", format!("'{FIELD}',").repeat(17));
    run(&scratch.write("many.toml", many.as_bytes())).assert_failure(2, "many.toml does not describe a machine");
}
