#![allow(missing_docs)]
use std::sync::Arc;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::stark::{AirRef, F, RowBuilder};
fn digest(air: AirRef) {
    let width = air.column_names().len();
    let mut seed = 0x1234_5678_9abc_def1u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        F::from_u64(seed % 2_013_265_921)
    };
    let mut acc = F::ZERO;
    let mut n = 0;
    for _ in 0..5 {
        let a: Vec<F> = (0..width).map(|_| next()).collect();
        let b: Vec<F> = (0..width).map(|_| next()).collect();
        let mut builder = RowBuilder::new(&[], &[], true);
        builder.set_row(1, 8, (&a, &b), (&[], &[]));
        air.eval_row(&mut builder);
        let m = F::from_u32(7_654_321);
        for (i, v) in &builder.failures {
            acc = acc * m + F::from_u32(*i) + *v * F::from_u32(31);
            n += 1;
        }
        for v in &builder.fields {
            acc = acc * m + *v;
        }
        for x in &builder.messages {
            acc = acc * m + x.count + F::from_u32(x.interaction);
        }
    }
    println!("EVAL {} {} {}", air.name(), n, acc);
}
#[test]
fn eval() {
    digest(Arc::new(vm_sha256::compress::CompressAir));
}
