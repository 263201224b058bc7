// #[instruction]
// impl Core for Equal {
//     fn execute(&self, [x, y]: [u32; 2]) -> u32 {
//         u32::from(x == y)
//     }
//
//     #[inline]
//     fn witness(&self, io: &Io<Self>, cols: &mut EqualCols<F>) {
//         cols.equal = F::from_u32(io.writes);
//         let difference = [0, 1].map(|i| cols.x[i] - cols.c[i]);
//         if let Some(i) = difference.iter().position(|difference| *difference != F::ZERO) {
//             cols.inverse[i] = difference[i].inverse();
//         }
//     }
//
//     fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &EqualCols<B::Var>) {
//         let mut witnessed: B::Expr = cols.equal.into();
//         for i in 0..2 {
//             let difference = cols.x[i] - cols.c[i];
//             b.when(cols.equal).assert_zero(difference.clone());
//             witnessed += difference * cols.inverse[i];
//         }
//         let is_valid = b.is_valid();
//         b.assert_eq(witnessed, is_valid);
//         b.assert_eq(cols.y[0], cols.equal);
//         b.assert_zero(cols.y[1]);
//     }
// }

#[cfg(not(target_arch = "riscv32"))]
impl Core for Equal {
    #[inline(always)]
    fn execute(&self, [x, y]: [u32; 2]) -> u32 {
        u32::from(x == y)
    }
    #[inline]
    fn witness(&self, io: &Io<Self>, cols: &mut EqualCols<F>) {
        cols.equal = F::from_u32(io.writes);
        let difference = [0, 1].map(|i| cols.x[i] - cols.c[i]);
        if let Some(i) = difference.iter().position(|difference| *difference != F::ZERO)
        {
            cols.inverse[i] = difference[i].inverse();
        }
    }
    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &EqualCols<B::Var>) {
        let mut witnessed: B::Expr = cols.equal.into();
        for i in 0..2 {
            let difference = cols.x[i] - cols.c[i];
            b.when(cols.equal).assert_zero(difference.clone());
            witnessed += difference * cols.inverse[i];
        }
        let is_valid = b.is_valid();
        b.assert_eq(witnessed, is_valid);
        b.assert_eq(cols.y[0], cols.equal);
        b.assert_zero(cols.y[1]);
    }
    const INSTRUCTION_ATTRIBUTE: (::core::primitive::bool, ::core::primitive::bool) = (
        false,
        false,
    );
}
