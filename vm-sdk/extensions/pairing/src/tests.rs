use vm_fp2::{Complex, ComplexConst};
use vm_modular::{Residue, words_of_hex};

use crate::check::{is_one_by_exponentiation, is_one_by_hint};
use crate::hint::{Bls12381Complex, Bn254Complex};
use crate::witness::witness;
use crate::{Bls12381, Bn254, Fp12, G1, G2, Pairing, miller_loop, product_is_one};

type Bn = Bn254<Bn254Complex>;
type Bls = Bls12381<Bls12381Complex>;

fn complex<X: ComplexConst<WORDS>, const WORDS: usize>(re: &str, im: &str) -> Complex<X, WORDS> {
    Complex::new(Residue::from_reduced(words_of_hex(re)), Residue::from_reduced(words_of_hex(im)))
}

/// Generators of the groups of BN254 (EIP-197).
fn bn254() -> (G1<Bn, 8>, G2<Bn, 8>) {
    let x = complex(
        "0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
        "0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2",
    );
    let y = complex(
        "0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
        "0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b",
    );
    (G1::new(Residue::from(1), Residue::from(2)).unwrap(), G2::new(x, y).unwrap())
}

/// Generators of the groups of BLS12-381 (EIP-2537).
fn bls12_381() -> (G1<Bls, 12>, G2<Bls, 12>) {
    let number = |text| Residue::from_reduced(words_of_hex(text));
    let p = G1::new(
        number("0x17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
        number("0x08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"),
    );
    let x = complex(
        "0x024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8",
        "0x13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e",
    );
    let y = complex(
        "0x0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801",
        "0x0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be",
    );
    (p.unwrap(), G2::new(x, y).unwrap())
}

fn check_pairing<P: Pairing<WORDS>, const WORDS: usize>((p, q): (G1<P, WORDS>, G2<P, WORDS>)) {
    // e(6p, q) = e(2p, 3q), and the pairing is not degenerate.
    let ones: [(&[_], &[_]); 5] = [
        (&[], &[]),
        (&[G1::IDENTITY], &[q]),
        (&[p, -p], &[q, q]),
        (&[p * 6, -p * 2], &[q, q * 3]),
        (&[p * 5, p, G1::IDENTITY, p * 7], &[q, q * 2, q, -q]),
    ];
    for (p, q) in ones {
        assert!(is_one_by_hint(p, q, witness(p, q)), "{p:?}, {q:?}");
        assert!(is_one_by_exponentiation(miller_loop(p, q, None)), "{p:?}, {q:?}");
    }
    for (p, q) in [(vec![p], vec![q]), (vec![p * 6, -p * 2], vec![q, q * 2])] {
        assert!(!is_one_by_hint(&p, &q, witness(&p, &q)), "{p:?}, {q:?}");
        assert!(!product_is_one(&p, &q), "{p:?}, {q:?}");
    }
    assert_eq!((p * 3 - p * 2, p + -p, p + G1::IDENTITY), (p, G1::IDENTITY, p));
    assert_eq!((q * 3 - q * 2, q + -q, q + G2::IDENTITY), (q, G2::IDENTITY, q));
}

#[test]
fn pairings_are_bilinear() {
    check_pairing(bn254());
    check_pairing(bls12_381());
}

/// Any f is f·s = 1 with the right s. Only Fp6, where the final exponentiation yields 1, has harmless ones.
fn check_forgeries<P: Pairing<WORDS>, const WORDS: usize>((p, q): (G1<P, WORDS>, G2<P, WORDS>)) {
    let (p, q) = (&[p], &[q]);
    let s = miller_loop(p, q, None).inverse();
    assert!(!s.is_in_fp6() && !is_one_by_hint(p, q, [Fp12::ONE, s]));
    // What is wrong with it is only that.
    let [c, s] = [Fp12::ONE, Fp12::ONE];
    assert!(s.is_in_fp6() && !is_one_by_hint(p, q, [c, s]));
    let [c, s] = witness(&[p[0], -p[0]], &[q[0], q[0]]);
    assert!(!is_one_by_hint(p, q, [c, s]));
}

#[test]
fn hints_for_other_products_show_nothing() {
    check_forgeries(bn254());
    check_forgeries(bls12_381());
}

#[test]
#[should_panic(expected = "division by zero")]
fn the_witness_is_not_zero() {
    let (p, q) = bn254();
    let zero = Fp12 { coefficients: [Complex::ZERO; 6] };
    is_one_by_hint(&[p], &[q], [zero, zero]);
}

#[test]
fn points_outside_of_the_groups_are_refused() {
    let (p, q) = bn254();
    let [x, y] = p.coordinates().unwrap();
    assert_eq!(G1::<Bn, 8>::new(x, y + Residue::ONE), None);
    let [x, y] = q.coordinates().unwrap();
    assert_eq!(G2::<Bn, 8>::new(x, y + Complex::ONE), None);
    // A point of the twist whose order is not r.
    let y = complex::<Bn254Complex, 8>(
        "0x2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb",
        "0x0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4",
    );
    assert_eq!(y * y, Complex::ONE + Complex::from(3) / <Bn as Pairing<8>>::XI);
    assert_eq!(G2::<Bn, 8>::new(Complex::ONE, y), None);

    let y = complex::<Bls12381Complex, 12>(
        "0x013a59858b6809fca4d9a3b6539246a70051a3c88899964a42bc9a69cf9acdd9dd387cfa9086b894185b9a46a402be73",
        "0x02d27e0ec3356299a346a09ad7dc4ef68a483c3aed53f9139d2f929a3eecebf72082e5e58c6da24ee32e03040c406d4f",
    );
    assert_eq!(y * y, Complex::from(8) + Complex::from(4) * <Bls as Pairing<12>>::XI);
    assert_eq!(G2::<Bls, 12>::new(Complex::from(2), y), None);
    // The curve has a cofactor as well. (0, 2) has the order 3.
    assert_eq!(G1::<Bls, 12>::new(Residue::ZERO, Residue::from(2)), None);
    let x = Residue::from(4);
    let y = (x * x * x + Residue::from(4)).square_root().unwrap();
    assert_eq!(G1::<Bls, 12>::new(x, y), None);
}
