//! Forgeries of relations between integers that are spread over many columns.
//!
//! Such a relation is a chain of equations `sum + carry in = 2^s·carry out`. The sum of all equations, each times its power of
//! two, is an integer that does not depend on the carries, and it is zero if every equation holds over the integers. The
//! constraints hold only modulo p, so a prover who may choose one carry freely can make that integer `t·p` times the power of
//! two of the carry's equation, for any small `t`. Then all other carries are as short as before. It remains to solve
//! `a·x + b·y = t·p·2^k` for two numbers that the row does not receive, such as a result and a quotient.

use std::collections::{BTreeMap, BTreeSet};
use std::num::Wrapping;

use num_bigint::{BigInt, Sign};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use super::model::GuardIndex;
use super::state::Cell;
use super::{DEPTH, Search, State};
use crate::stark::{F, Input, RowValues, Tape};

/// Largest distance of two equations' weights, in bits.
const SHIFT: u32 = 30;
/// Bits of the highest digit of a number whose digits have different distances, and of a number of one digit.
const DIGIT: u64 = 16;
/// Multiples of p that are tried.
const MULTIPLES: [i32; 8] = [1, -1, 2, -2, 3, -3, 5, -5];
/// Number of rows on which relations are solved, and of multiples of p, unless checks are dropped.
pub(super) const HONEST_ROWS: usize = 2;
const HONEST_MULTIPLES: usize = 2;

/// A chain of equations.
struct Relation {
    equations: Vec<Equation>,
    /// −1 if the constraints have the carry in with a minus sign.
    sign: i32,
}

struct Equation {
    guard: GuardIndex,
    /// Binary logarithm of the weight.
    position: u32,
    /// Columns of the carry out, with the binary logarithms of their weights, lowest first; none in the last equation.
    carry: Vec<(usize, u32)>,
    /// Binary logarithm of the weight of the carry out.
    shift: u32,
}

/// Cells that are the digits of a number on which a relation depends linearly.
struct Number {
    /// What the relation's integer changes by if the number grows by one.
    slope: BigInt,
    /// Columns with their least and their first excluded bit, lowest first.
    digits: Vec<(usize, u64, u64)>,
    value: BigInt,
}

/// A carry that the prover chooses freely.
#[derive(Clone, Copy)]
struct Wrap {
    equation: usize,
    /// The free column.
    column: usize,
    /// Multiple of p that the equation is off.
    multiple: i32,
}

/// Ways to solve a relation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Solutions {
    /// All that are tried.
    All,
    /// Only those in which a number is less than the other one's slope.
    Reduced,
}

impl Search<'_, '_, '_> {
    /// Solves the relations of a row in other ways than the honest one: with one carry that is not in its range, and with
    /// numbers that are not reduced.
    pub(super) fn solve_relations(&mut self, row: usize, is_first: bool) {
        if self.state.is_padding(row) {
            return;
        }
        let relations = self.state.relations(row);
        if relations.is_empty() {
            return;
        }
        let model = self.model;
        // Everything of which messages say that it is received, also if a message says it of several cells.
        let given = self.given_cells(row, true);
        let mut locked: BTreeSet<usize> = given.into_iter().map(|cell| self.state.place(cell).1).collect();
        locked.extend(&model.selectors);
        locked.extend((0..model.names.len()).filter(|&column| model.booleans[column].is_some()));
        for index in 0..relations.len() {
            self.solve_relation(row, &relations, index, &locked, None);
            for (number, equation) in relations[index].equations.iter().enumerate() {
                for &(column, _) in &equation.carry {
                    let queries: Vec<GuardIndex> = model.readers[column]
                        .iter()
                        .map(|(guard, _)| *guard)
                        .filter(|&guard| guard >= model.constraints.len())
                        .collect();
                    match &self.killed {
                        Some(killed) => {
                            for guard in queries.into_iter().filter(|&guard| killed[guard].is_none()).collect::<Vec<_>>()
                            {
                                self.exempt = Some(guard);
                                for multiple in MULTIPLES {
                                    if self.killed.as_ref().is_some_and(|killed| killed[guard].is_some()) {
                                        break;
                                    }
                                    let wrap = Wrap { equation: number, column, multiple };
                                    self.solve_relation(row, &relations, index, &locked, Some(wrap));
                                }
                                self.exempt = None;
                            }
                        }
                        None if is_first => {
                            for multiple in MULTIPLES.into_iter().take(HONEST_MULTIPLES) {
                                let wrap = Wrap { equation: number, column, multiple };
                                self.solve_relation(row, &relations, index, &locked, Some(wrap));
                            }
                        }
                        None => {}
                    }
                }
            }
        }
    }

    /// Solves one relation, then the others that depend on the numbers that it changes, and visits the solutions.
    fn solve_relation(
        &mut self,
        row: usize,
        relations: &[Relation],
        index: usize,
        locked: &BTreeSet<usize>,
        wrap: Option<Wrap>,
    ) {
        let honest: Vec<F> = (0..self.model.names.len())
            .map(|column| self.state.honest_value(self.state.cell(row, column)))
            .collect();
        for mut values in self.state.solutions(&relations[index], row, &honest, locked, wrap, Solutions::All) {
            let mut settled = locked.clone();
            settled.extend((0..values.len()).filter(|&column| values[column] != honest[column]));
            for other in relations.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other) {
                if self.state.integer(other, row, &values) == BigInt::ZERO && self.state.fits(other, row, &values) {
                    continue;
                }
                let solved = self.state.solutions(other, row, &values, &settled, None, Solutions::Reduced);
                if let Some(solved) = solved.into_iter().next() {
                    settled.extend((0..values.len()).filter(|&column| solved[column] != values[column]));
                    values = solved;
                }
            }
            let changes: Vec<(Cell, F)> = (0..values.len())
                .filter(|&column| values[column] != honest[column])
                .map(|column| (self.state.cell(row, column), values[column]))
                .collect();
            let name = wrap.map(|wrap| wrap.column).or_else(|| Some(self.state.place(changes.first()?.0).1));
            if let Some(column) = name {
                self.lock(row);
                let name = self.model.names[column].clone();
                self.attempt(&name, row, &changes, DEPTH);
            }
        }
    }
}

impl State<'_, '_> {
    /// Returns the relations between integers on an honest row, found by their carries: columns that two constraints read,
    /// one with −2^s times the factor of the other. Keeps those whose equations hold over the integers.
    fn relations(&self, row: usize) -> Vec<Relation> {
        let model = self.model;
        let links = self.links(row);
        let mut followed: BTreeSet<GuardIndex> = BTreeSet::new();
        for (&(_, to), _) in &links {
            followed.insert(to);
        }
        let mut relations = Vec::new();
        for start in (0..model.constraints.len()).filter(|guard| !followed.contains(guard)) {
            let mut equations = Vec::new();
            let (mut guard, mut position, mut sign) = (start, 0, 0);
            // Every constraint has one successor at most, and the first one has no predecessor: the chain ends.
            while let Some((&(_, next), link)) = links.range((guard, 0)..=(guard, usize::MAX)).next() {
                equations.push(Equation { guard, position, carry: link.carry.clone(), shift: link.shift });
                sign = link.sign;
                position += link.shift;
                guard = next;
                if equations.len() > model.constraints.len() {
                    break;
                }
            }
            if equations.is_empty() {
                continue;
            }
            equations.push(Equation { guard, position, carry: Vec::new(), shift: 0 });
            let relation = Relation { equations, sign };
            let honest: Vec<F> =
                (0..model.names.len()).map(|column| self.honest_value(self.cell(row, column))).collect();
            if self.fits(&relation, row, &honest) {
                relations.push(relation);
            }
        }
        relations
    }

    /// Returns the carries between two constraints, by the constraint that has the carry out and the one that has it in.
    fn links(&self, row: usize) -> BTreeMap<(GuardIndex, GuardIndex), Link> {
        let model = self.model;
        let mut found: BTreeMap<(GuardIndex, GuardIndex), Vec<(usize, F, u32)>> = BTreeMap::new();
        for (column, readers) in model.readers.iter().enumerate() {
            let constraints: Vec<GuardIndex> =
                readers.iter().map(|(guard, _)| *guard).filter(|&guard| guard < model.constraints.len()).collect();
            let &[i, j] = &constraints[..] else { continue };
            if readers.iter().any(|(_, next)| *next) {
                continue;
            }
            let cell = [self.cell(row, column)];
            let [a, b] = [i, j].map(|guard| self.gradient(model.tape(guard), row, &cell)[0]);
            if a.is_zero() || b.is_zero() {
                continue;
            }
            for (from, to, out, carried) in [(i, j, a, b), (j, i, b, a)] {
                let ratio = (-out * carried.inverse()).as_canonical_u32();
                if ratio.is_power_of_two() && (1..=SHIFT).contains(&ratio.trailing_zeros()) {
                    found.entry((from, to)).or_default().push((column, carried, ratio.trailing_zeros()));
                }
            }
        }
        let mut successors: BTreeMap<GuardIndex, usize> = BTreeMap::new();
        let mut predecessors: BTreeMap<GuardIndex, usize> = BTreeMap::new();
        for &(from, to) in found.keys() {
            *successors.entry(from).or_default() += 1;
            *predecessors.entry(to).or_default() += 1;
        }
        found.retain(|(from, to), _| successors[from] == 1 && predecessors[to] == 1);
        found.into_iter().filter_map(|(ends, columns)| Some((ends, Link::of(&columns)?))).collect()
    }

    /// Returns the value of an equation over the integers, with other values in the row.
    fn equation(&self, relation: &Relation, equation: &Equation, row: usize, values: &[F]) -> i128 {
        self.integer_of(self.model.tape(equation.guard), row, values) * i128::from(relation.sign)
    }

    /// Returns the value of an equation over the integers without its carries: those of its columns, in this chain, count
    /// as zero.
    fn sum(&self, relation: &Relation, index: usize, row: usize, values: &[F]) -> i128 {
        let equation = &relation.equations[index];
        let mut values = values.to_vec();
        let before = index.checked_sub(1).map(|before| &relation.equations[before]);
        for (column, _) in before.into_iter().chain([equation]).flat_map(|equation| &equation.carry) {
            values[*column] = F::ZERO;
        }
        self.equation(relation, equation, row, &values)
    }

    /// Returns the value of an expression over the integers. Overflows wrap around: nothing that is found is believed before
    /// all checks have accepted it.
    fn integer_of(&self, tape: &Tape, row: usize, values: &[F]) -> i128 {
        let width = self.model.names.len();
        let at = RowValues::of_trace(&self.values, width, self.model.preprocessed.as_ref(), &[], row);
        let input = |input| match input {
            Input::Main(column) => integer(values[column]),
            Input::Public(_) => Wrapping(0),
            _ => integer(at.get(input)),
        };
        let mut result = Wrapping(0);
        tape.eval_with(integer, input, &mut Vec::new(), |value| result = value);
        result.0
    }

    /// Returns the integer that a relation says to be zero.
    fn integer(&self, relation: &Relation, row: usize, values: &[F]) -> BigInt {
        let sums = relation.equations.iter().enumerate().map(|(index, equation)| {
            BigInt::from(self.sum(relation, index, row, values)) << u64::from(equation.position)
        });
        sums.sum()
    }

    /// Whether all equations of a relation hold over the integers.
    fn fits(&self, relation: &Relation, row: usize, values: &[F]) -> bool {
        relation.equations.iter().all(|equation| self.equation(relation, equation, row, values) == 0)
    }

    /// Returns values of the row with which all equations of a relation hold: over the integers, but for the wrap.
    fn solutions(
        &self,
        relation: &Relation,
        row: usize,
        values: &[F],
        locked: &BTreeSet<usize>,
        wrap: Option<Wrap>,
        which: Solutions,
    ) -> Vec<Vec<F>> {
        let mut wanted = -self.integer(relation, row, values);
        if let Some(Wrap { equation, multiple, .. }) = wrap {
            let position = relation.equations[equation].position;
            wanted += BigInt::from(i64::from(multiple) * i64::from(F::ORDER_U32)) << u64::from(position);
        }
        let numbers = self.numbers(relation, row, values, locked);
        let mut found = Vec::new();
        let mut consider = |changes: &[(&Number, BigInt)]| {
            let mut values = values.to_vec();
            let is_possible = changes.iter().all(|(number, value)| number.write(value, &mut values));
            if is_possible && self.carry(relation, row, &mut values, wrap) {
                found.push(values);
            }
        };
        for number in &numbers {
            if wanted != BigInt::ZERO && (&wanted % &number.slope) == BigInt::ZERO {
                consider(&[(number, &number.value + &wanted / &number.slope)]);
            }
        }
        for (i, x) in numbers.iter().enumerate() {
            for (_, y) in numbers.iter().enumerate().filter(|(j, _)| *j != i) {
                let modulus = BigInt::from_biguint(Sign::Plus, y.slope.magnitude().clone());
                // A slope that is a power of two is that of a number alone.
                let Some(inverse) = Some(&modulus).filter(|m| m.bits() > DIGIT).and_then(|m| x.slope.modinv(m)) else {
                    continue;
                };
                let least = floor_mod(&(&x.value + &wanted * inverse), &modulus);
                let values = [least.clone(), least + &modulus];
                let count = if which == Solutions::All { 2 } else { 1 };
                for value in values.into_iter().take(count).filter(|value| *value != x.value) {
                    let rest = &wanted - &x.slope * (&value - &x.value);
                    let other = &y.value + rest / &y.slope;
                    consider(&[(x, value), (y, other)]);
                }
            }
        }
        found
    }

    /// Fills the carries. Returns `false` if some equation does not hold.
    fn carry(&self, relation: &Relation, row: usize, values: &mut [F], wrap: Option<Wrap>) -> bool {
        let mut carry = 0i128;
        for (index, equation) in relation.equations.iter().enumerate() {
            let mut sum = self.sum(relation, index, row, values) + carry;
            let free = wrap.filter(|wrap| wrap.equation == index);
            if let Some(wrap) = free {
                sum -= i128::from(wrap.multiple) * i128::from(F::ORDER_U32);
            }
            carry = sum >> equation.shift;
            if carry << equation.shift != sum {
                return false;
            }
            let Some(&(last, _)) = equation.carry.last() else { return carry == 0 };
            // The other columns keep their values; without a free column, all columns are digits.
            let mut rest = carry;
            match free {
                Some(wrap) => {
                    let Some(&(_, weight)) = equation.carry.iter().find(|(column, _)| *column == wrap.column) else {
                        return false;
                    };
                    for &(column, weight) in equation.carry.iter().filter(|(column, _)| *column != wrap.column) {
                        rest -= integer(values[column]).0 << weight;
                    }
                    values[wrap.column] = F::from_i128(rest).div_2exp_u64(weight.into());
                }
                None => {
                    for &(column, weight) in equation.carry.iter().rev() {
                        let digit = if column == equation.carry[0].0 { rest } else { rest >> weight };
                        rest -= digit << weight;
                        values[column] = F::from_i128(digit);
                    }
                    if rest != 0 && last == equation.carry[0].0 {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Returns the numbers of a row that may change and on which a relation depends linearly: cells whose slopes differ by
    /// powers of two.
    fn numbers(&self, relation: &Relation, row: usize, values: &[F], locked: &BTreeSet<usize>) -> Vec<Number> {
        let carries: BTreeSet<usize> =
            relation.equations.iter().flat_map(|equation| &equation.carry).map(|(column, _)| *column).collect();
        let mut slopes: BTreeMap<usize, Option<BigInt>> = BTreeMap::new();
        for (index, equation) in relation.equations.iter().enumerate() {
            let columns = self.model.tape(equation.guard).cells().filter(|(next, _)| !next).map(|(_, column)| column);
            let columns = columns.filter(|column| !carries.contains(column) && !locked.contains(column));
            let at = self.sum(relation, index, row, values);
            for column in columns.collect::<Vec<_>>() {
                let mut moved = values.to_vec();
                let [first, second] = [1, 2].map(|_| {
                    moved[column] += F::ONE;
                    self.sum(relation, index, row, &moved)
                });
                let slope = slopes.entry(column).or_insert_with(|| Some(BigInt::ZERO));
                match slope {
                    Some(slope) if second - first == first - at => {
                        *slope += BigInt::from(first - at) << u64::from(equation.position);
                    }
                    _ => *slope = None,
                }
            }
        }
        let mut groups: BTreeMap<BigInt, Vec<(u64, usize)>> = BTreeMap::new();
        for (column, slope) in slopes.into_iter().filter_map(|(column, slope)| Some((column, slope?))) {
            let Some(bits) = slope.trailing_zeros() else { continue };
            groups.entry(slope >> bits).or_default().push((bits, column));
        }
        groups.into_iter().map(|(slope, digits)| Number::new(slope, digits, values)).collect()
    }
}

/// A carry between two equations.
struct Link {
    carry: Vec<(usize, u32)>,
    shift: u32,
    sign: i32,
}

impl Link {
    /// Makes a carry of columns with their factors as the carry in, and the binary logarithms of the ratios to those as the
    /// carry out.
    fn of(columns: &[(usize, F, u32)]) -> Option<Self> {
        let shift = columns.first()?.2;
        let factors: Vec<i128> = columns.iter().map(|(_, factor, _)| integer(*factor).0).collect();
        let sign = factors[0].signum();
        let mut carry = Vec::new();
        for (&(column, _, ratio), factor) in columns.iter().zip(&factors) {
            let weight = u32::try_from(factor * sign).ok().filter(|weight| weight.is_power_of_two())?;
            if ratio != shift {
                return None;
            }
            carry.push((column, weight.trailing_zeros()));
        }
        carry.sort_unstable_by_key(|(_, weight)| *weight);
        (carry[0].1 == 0).then_some(Self { carry, shift, sign: sign as i32 })
    }
}

impl Number {
    fn new(slope: BigInt, mut digits: Vec<(u64, usize)>, values: &[F]) -> Self {
        digits.sort_unstable();
        let distance = |pair: &[(u64, usize)]| pair[1].0 - pair[0].0;
        let last = digits.windows(2).map(distance).min().unwrap_or(DIGIT);
        let ends = digits.iter().skip(1).map(|(bits, _)| *bits).chain(digits.last().map(|(bits, _)| bits + last));
        let digits: Vec<(usize, u64, u64)> =
            digits.iter().zip(ends).map(|(&(start, column), end)| (column, start, end)).collect();
        let value =
            digits.iter().map(|&(column, start, _)| BigInt::from(values[column].as_canonical_u32()) << start).sum();
        Self { slope, digits, value }
    }

    /// Writes a value into the digits, unless it has too many bits.
    fn write(&self, value: &BigInt, values: &mut [F]) -> bool {
        if value.sign() == Sign::Minus {
            return false;
        }
        let mut rest = value.clone();
        for &(column, start, end) in self.digits.iter().rev() {
            let digit = &rest >> start;
            rest -= &digit << start;
            match u32::try_from(digit) {
                Ok(digit) if digit < F::ORDER_U32 && u64::from(digit) >> (end - start).min(31) == 0 => {
                    values[column] = F::from_u32(digit);
                }
                _ => return false,
            }
        }
        rest == BigInt::ZERO
    }
}

/// Returns the integer next to zero that a field element stands for.
fn integer(value: F) -> Wrapping<i128> {
    let value = i128::from(value.as_canonical_u32());
    let order = i128::from(F::ORDER_U32);
    Wrapping(if value > order / 2 { value - order } else { value })
}

/// Returns the remainder that is not negative.
fn floor_mod(value: &BigInt, modulus: &BigInt) -> BigInt {
    let rest = value % modulus;
    if rest.sign() == Sign::Minus { rest + modulus } else { rest }
}
