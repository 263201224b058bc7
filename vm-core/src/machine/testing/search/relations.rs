//! Forgeries of relations between integers that are spread over many columns.
//!
//! Such a relation is a chain of equations `sum + carry in = 2^s·carry out`. The sum of all equations, each times its power of
//! two, is an integer that does not depend on the carries, and it is zero if every equation holds over the integers. The
//! constraints hold only modulo p, so a prover who may choose one carry freely can make that integer `t·p` times the power of
//! two of the carry's equation, for any small `t`. Then all other carries are as short as before. Digits that are not bytes make
//! several equations overflow p, with the same effect, and without one of the equations the integer is any multiple of a power
//! of two. It remains to solve `a·x + b·y = t·p·2^k` for two numbers that the row does not receive, such as a result and a
//! quotient.

use std::collections::{BTreeMap, BTreeSet};
use std::num::Wrapping;

use num_bigint::{BigInt, Sign};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use super::model::{GuardIndex, Meaning};
use super::state::Cell;
use super::{DEPTH, Search, State};
use crate::arch::RANGE_BUS;
use crate::stark::{F, Input, RowValues, Tape};

/// Largest distance of two equations' weights, in bits.
const SHIFT: u32 = 30;
/// Bits of the highest digit of a number whose digits have different distances, and of a number of one digit.
const DIGIT: u64 = 16;
/// Bits of the lower one of two digits that one query checks.
const BYTE: u32 = 8;
/// Multiples of p that are tried, and what a dropped equation may be off.
const MULTIPLES: [i128; 8] = [1, -1, 2, -2, 3, -3, 5, -5];
/// Number of rows of a trace on which steps of digits are searched.
const STEP_ROWS: usize = 2;
/// Number of rows of a trace on which relations are solved, unless checks are dropped; number of multiples of p and of repairs
/// there; and one of how many carries with a range check is tried.
const HONEST_ROWS: usize = 1;
const HONEST_MULTIPLES: usize = 2;
const HONEST_DEPTH: usize = 1;
const HONEST_CARRIES: usize = 8;
/// Number of steps of digits that are tried, and the farthest one.
const STEPS: usize = 4;
const FARTHEST: i64 = 1 << 25;
/// Largest number of pairs of boolean columns of which one is set in place of the other.
const MARKS: usize = 400;
/// Characteristic of the field.
const ORDER: i128 = F::ORDER_U32 as i128;

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

/// A way to break a relation: by how much each of its equations is off, and with what.
#[derive(Clone, Default)]
struct Break {
    /// By how much equations are off, by index.
    off: BTreeMap<usize, i128>,
    /// A column of a carry that the prover chooses freely.
    free: Option<usize>,
    /// What is added to digits, once they are written, without changing their number.
    moved: Vec<(usize, i128)>,
    /// A highest digit that may have any value.
    loose: Option<usize>,
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
    /// Solves the relations of a row in other ways than the honest one. In an audit, breaks them with each check whose loss is
    /// not noticed yet. `index` is the number of the row among those of the search.
    pub(super) fn solve_relations(&mut self, index: usize, row: usize) {
        if self.state.is_padding(row) || self.killed.is_none() && index >= HONEST_ROWS {
            return;
        }
        let relations = self.state.relations(row);
        if relations.is_empty() {
            return;
        }
        let (model, is_first) = (self.model, index < STEP_ROWS);
        // Everything of which messages say that it is received, also if a message says it of several cells.
        let given = self.given_cells(row, true);
        let mut locked: BTreeSet<usize> = given.into_iter().map(|cell| self.state.place(cell).1).collect();
        locked.extend(&model.selectors);
        locked.extend((0..model.names.len()).filter(|&column| model.booleans[column].is_some()));
        for index in 0..relations.len() {
            let relation = &relations[index];
            let numbers = self.state.numbers(relation, row, &self.state.honest_row(row), &locked);
            self.solve_relation(row, &relations, index, &numbers, &locked, &Break::default());
            if self.killed.is_none() {
                let is_checked =
                    |column: usize| model.readers[column].iter().any(|(guard, _)| model.message(*guard).is_some());
                let chosen = |&(equation, column): &(usize, usize)| {
                    !is_checked(column) || equation.is_multiple_of(HONEST_CARRIES)
                };
                for (equation, column) in relation.carries().filter(chosen) {
                    for broken in Break::carry(equation, column).take(HONEST_MULTIPLES) {
                        self.solve_relation(row, &relations, index, &numbers, &locked, &broken);
                    }
                }
                continue;
            }
            for guard in self.unknown(relation) {
                self.exempt = Some(guard);
                for broken in self.state.breaks(relation, row, guard, is_first) {
                    if self.killed.as_ref().is_some_and(|killed| killed[guard].is_some()) {
                        break;
                    }
                    self.solve_relation(row, &relations, index, &numbers, &locked, &broken);
                }
                self.exempt = None;
            }
        }
    }

    /// Returns the checks whose loss is not noticed yet: equations of a relation, and queries of columns that it reads.
    fn unknown(&self, relation: &Relation) -> BTreeSet<GuardIndex> {
        let model = self.model;
        let equations = relation.equations.iter().map(|equation| equation.guard);
        let columns = equations.clone().flat_map(|guard| model.tape(guard).cells()).map(|(_, column)| column);
        let queries = columns.flat_map(|column| &model.readers[column]).map(|(guard, _)| *guard);
        let queries = queries
            .filter(|&guard| model.message(guard).is_some_and(|message| matches!(message.meaning, Meaning::Query(_))));
        equations
            .chain(queries)
            .filter(|&guard| self.killed.as_ref().is_some_and(|killed| killed[guard].is_none()))
            .collect()
    }

    /// Solves one relation, then the others that depend on the numbers that it changes, and visits the solutions.
    fn solve_relation(
        &mut self,
        row: usize,
        relations: &[Relation],
        index: usize,
        numbers: &[Number],
        locked: &BTreeSet<usize>,
        broken: &Break,
    ) {
        let honest = self.state.honest_row(row);
        for mut values in self.state.solutions(&relations[index], row, &honest, numbers, broken, Solutions::All) {
            let mut settled = locked.clone();
            settled.extend((0..values.len()).filter(|&column| values[column] != honest[column]));
            for other in relations.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other) {
                // Takes long if there are many ways to break a relation.
                if self.killed.is_none() || self.state.fits(other, row, &values) {
                    continue;
                }
                let numbers = self.state.numbers(other, row, &values, &settled);
                let solved = self.state.solutions(other, row, &values, &numbers, &Break::default(), Solutions::Reduced);
                if let Some(solved) = solved.into_iter().next() {
                    settled.extend((0..values.len()).filter(|&column| solved[column] != values[column]));
                    values = solved;
                }
            }
            let changes: Vec<(Cell, F)> = (0..values.len())
                .filter(|&column| values[column] != honest[column])
                .map(|column| (self.state.cell(row, column), values[column]))
                .collect();
            let Some((first, _)) = changes.first() else { continue };
            let first = broken.free.unwrap_or(self.state.place(*first).1);
            self.lock(row);
            let name = self.model.names[first].clone();
            let depth = if self.killed.is_some() { DEPTH } else { HONEST_DEPTH };
            self.attempt(&name, row, &changes, depth);
            if broken.off.is_empty() {
                // A comparison marks where numbers differ.
                for marks in self.moved_marks(row) {
                    self.attempt(&name, row, &[&changes[..], &marks].concat(), 0);
                }
            }
        }
    }

    /// Returns changes that set one boolean column in place of another.
    fn moved_marks(&self, row: usize) -> Vec<[(Cell, F); 2]> {
        let booleans = (0..self.model.names.len()).filter(|&column| self.model.booleans[column].is_some());
        let cells = booleans.map(|column| self.state.cell(row, column)).filter(|cell| !self.locked.contains(cell));
        let (set, clear): (Vec<Cell>, Vec<Cell>) = cells.partition(|&cell| self.state.honest_value(cell) == F::ONE);
        if set.len() * clear.len() > MARKS {
            return Vec::new();
        }
        set.iter().flat_map(|&set| clear.iter().map(move |&clear| [(set, F::ZERO), (clear, F::ONE)])).collect()
    }
}

impl State<'_, '_> {
    /// Returns the relations between integers on an honest row, found by their carries: columns that two constraints read,
    /// one with −2^s times the factor of the other. Keeps those whose equations hold over the integers.
    fn relations(&self, row: usize) -> Vec<Relation> {
        let model = self.model;
        let links = self.links(row);
        let followed: BTreeSet<GuardIndex> = links.keys().map(|(_, to)| *to).collect();
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
            if self.fits(&relation, row, &self.honest_row(row)) {
                relations.push(relation);
            }
        }
        relations
    }

    fn honest_row(&self, row: usize) -> Vec<F> {
        (0..self.model.names.len()).map(|column| self.honest_value(self.cell(row, column))).collect()
    }

    /// Returns the ways to break a relation without a check.
    fn breaks(&self, relation: &Relation, row: usize, guard: GuardIndex, is_first: bool) -> Vec<Break> {
        let Some(message) = self.model.message(guard) else {
            let index = relation.equations.iter().position(|equation| equation.guard == guard);
            let off = index.into_iter().flat_map(|index| MULTIPLES.map(|off| BTreeMap::from([(index, off)])));
            return off.map(|off| Break { off, ..Break::default() }).collect();
        };
        let cells = message.fields.iter().flat_map(Tape::cells).filter(|(next, _)| !next);
        let columns: BTreeSet<usize> = cells.map(|(_, column)| column).collect();
        let carry = relation.carries().find(|(_, column)| columns.contains(column));
        if let Some((equation, column)) = carry {
            return Break::carry(equation, column).collect();
        }
        // Two digits move against each other, or a highest digit alone. Steps take long to find.
        let honest = self.honest_row(row);
        let digits: Vec<usize> = columns.into_iter().filter(|&column| self.reads(relation, column)).collect();
        let (direction, loose) = match digits[..] {
            [low, high] => (vec![(low, 1 << BYTE), (high, -1)], None),
            [digit] => (vec![(digit, 1)], Some(digit)),
            _ => return Vec::new(),
        };
        let slopes: Vec<i128> = (0..relation.equations.len())
            .map(|index| {
                let at = |column: usize, step: F| {
                    let moved = |other| if other == column { honest[other] + step } else { honest[other] };
                    self.sum(relation, index, row, moved)
                };
                let slopes =
                    direction.iter().map(|&(column, factor)| factor * (at(column, F::ONE) - at(column, F::ZERO)));
                slopes.sum()
            })
            .collect();
        let mut breaks: Vec<Break> = Vec::new();
        if loose.is_some() {
            breaks.push(Break { loose, ..Break::default() });
        }
        let limits = self.limits(relation, row);
        breaks.extend(steps(&slopes, &limits).take(if is_first { STEPS } else { 0 }).map(|step| {
            let off = slopes.iter().map(|slope| rounded(slope * step, ORDER) * ORDER).enumerate();
            let moved = direction.iter().map(|(column, factor)| (*column, factor * step));
            Break {
                off: off.filter(|(_, off)| *off != 0).collect(),
                moved: if loose.is_none() { moved.collect() } else { Vec::new() },
                loose,
                free: None,
            }
        }));
        breaks
    }

    /// Returns how much the sum of each equation may change, roughly, so that its carry stays in range.
    fn limits(&self, relation: &Relation, row: usize) -> Vec<i128> {
        let bits = |column: usize| {
            let queries = self.model.readers[column].iter().filter_map(|(guard, _)| self.model.message(*guard));
            let range =
                queries.filter(|message| message.bus == RANGE_BUS.name).filter_map(|message| message.fields.get(1));
            range.map(|bits| self.integer_of(bits, row, |column| self.honest_value(self.cell(row, column)))).min()
        };
        let limit = |equation: &Equation| {
            let bits = equation.carry.iter().map(|&(column, weight)| Some(i128::from(weight) + bits(column)?));
            match bits.max().flatten() {
                // Three quarters of the range to both sides: honest sums are near its middle.
                Some(bits) => 3 << (bits + i128::from(equation.shift)).clamp(3, 64) >> 3,
                None => ORDER,
            }
        };
        relation.equations.iter().map(limit).collect()
    }

    /// Whether an equation of a relation reads a column.
    fn reads(&self, relation: &Relation, column: usize) -> bool {
        let equation = |guard: GuardIndex| relation.equations.iter().any(|equation| equation.guard == guard);
        self.model.readers[column].iter().any(|(guard, next)| !next && equation(*guard))
    }

    /// Returns the carries between two constraints, by the constraint that has the carry out and the one that has it in.
    fn links(&self, row: usize) -> BTreeMap<(GuardIndex, GuardIndex), Link> {
        let model = self.model;
        let mut found: BTreeMap<(GuardIndex, GuardIndex), Vec<Carried>> = BTreeMap::new();
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

    /// Returns the value of an equation over the integers without its carries: those of its columns, in this chain, count
    /// as zero.
    fn sum(&self, relation: &Relation, index: usize, row: usize, value: impl Fn(usize) -> F) -> i128 {
        let equation = &relation.equations[index];
        let before = index.checked_sub(1).map(|before| &relation.equations[before]);
        let is_carry = |column| {
            let mut carries = before.into_iter().chain([equation]).flat_map(|equation| &equation.carry);
            carries.any(|(carry, _)| *carry == column)
        };
        let value = |column| if is_carry(column) { F::ZERO } else { value(column) };
        self.integer_of(self.model.tape(equation.guard), row, value) * i128::from(relation.sign)
    }

    /// Returns the value of an expression over the integers, with other values in the row. Overflows wrap around: nothing that
    /// is found is believed before all checks have accepted it.
    fn integer_of(&self, tape: &Tape, row: usize, value: impl Fn(usize) -> F) -> i128 {
        let width = self.model.names.len();
        let at = RowValues::of_trace(&self.values, width, self.model.preprocessed.as_ref(), &[], row);
        let input = |input| match input {
            Input::Main(column) => integer(value(column)),
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
            BigInt::from(self.sum(relation, index, row, |column| values[column])) << u64::from(equation.position)
        });
        sums.sum()
    }

    /// Whether all equations of a relation hold over the integers.
    fn fits(&self, relation: &Relation, row: usize, values: &[F]) -> bool {
        let mut tapes = relation.equations.iter().map(|equation| self.model.tape(equation.guard));
        tapes.all(|tape| self.integer_of(tape, row, |column| values[column]) == 0)
    }

    /// Returns values of the row with which all equations of a relation hold: over the integers, but for the break.
    fn solutions(
        &self,
        relation: &Relation,
        row: usize,
        values: &[F],
        numbers: &[Number],
        broken: &Break,
        which: Solutions,
    ) -> Vec<Vec<F>> {
        let mut wanted = -self.integer(relation, row, values);
        for (&index, &off) in &broken.off {
            wanted += BigInt::from(off) << u64::from(relation.equations[index].position);
        }
        let mut found = Vec::new();
        let mut consider = |changes: &[(&Number, BigInt)]| {
            let mut values = values.to_vec();
            let is_possible = changes.iter().all(|(number, value)| number.write(value, &mut values, broken.loose));
            for &(column, step) in &broken.moved {
                values[column] += F::from_i128(step);
            }
            if is_possible && self.carry(relation, row, &mut values, broken) {
                found.push(values);
            }
        };
        if wanted == BigInt::ZERO && !broken.moved.is_empty() {
            consider(&[]);
        }
        for number in numbers {
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
                let mut values = vec![least.clone()];
                if which == Solutions::All {
                    values.push(&least + &modulus);
                    values.extend(x.loose(broken).then(|| least - &modulus));
                }
                for value in values.into_iter().filter(|value| *value != x.value) {
                    let rest = &wanted - &x.slope * (&value - &x.value);
                    let other = &y.value + rest / &y.slope;
                    consider(&[(x, value), (y, other)]);
                }
            }
        }
        found
    }

    /// Fills the carries. Returns `false` if some equation does not hold.
    fn carry(&self, relation: &Relation, row: usize, values: &mut [F], broken: &Break) -> bool {
        let mut carry = 0i128;
        for (index, equation) in relation.equations.iter().enumerate() {
            let sum =
                self.sum(relation, index, row, |column| values[column]) + carry - broken.off.get(&index).unwrap_or(&0);
            if equation.carry.is_empty() {
                return sum == 0;
            }
            carry = sum >> equation.shift;
            if carry << equation.shift != sum {
                return false;
            }
            // A free column takes what the others do not have. Without one, the columns are digits.
            let is_free = |(column, _): &&(usize, u32)| broken.free == Some(*column);
            let mut rest = carry;
            if let Some(&(free, weight)) = equation.carry.iter().find(is_free) {
                for &(column, weight) in equation.carry.iter().filter(|(column, _)| *column != free) {
                    rest -= integer(values[column]).0 << weight;
                }
                values[free] = F::from_i128(rest).div_2exp_u64(weight.into());
                continue;
            }
            for &(column, weight) in equation.carry.iter().rev() {
                values[column] = F::from_i128(rest >> weight);
                rest -= rest >> weight << weight;
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
            let at = self.sum(relation, index, row, |column| values[column]);
            for column in columns.collect::<Vec<_>>() {
                let [first, second] = [F::ONE, F::TWO].map(|step| {
                    let moved = |other| if other == column { values[other] + step } else { values[other] };
                    self.sum(relation, index, row, moved)
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

impl Relation {
    /// Returns the columns of carries, with the indices of the equations that they are carried out of.
    fn carries(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let equations = self.equations.iter().enumerate();
        equations.flat_map(|(index, equation)| equation.carry.iter().map(move |(column, _)| (index, *column)))
    }
}

impl Break {
    /// A carry is not in its range.
    fn carry(equation: usize, column: usize) -> impl Iterator<Item = Self> {
        MULTIPLES.into_iter().map(move |multiple| Self {
            off: BTreeMap::from([(equation, multiple * ORDER)]),
            free: Some(column),
            ..Self::default()
        })
    }
}

/// A column of a carry: its factor as the carry in, and the binary logarithm of the ratio of that as the carry out.
type Carried = (usize, F, u32);

/// A carry between two equations.
struct Link {
    carry: Vec<(usize, u32)>,
    shift: u32,
    sign: i32,
}

impl Link {
    /// Makes a carry of its columns.
    fn of(columns: &[Carried]) -> Option<Self> {
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

    /// Whether the highest digit may have any value.
    fn loose(&self, broken: &Break) -> bool {
        self.digits.last().is_some_and(|(column, ..)| broken.loose == Some(*column))
    }

    /// Writes a value into the digits, unless it has too many bits. A loose digit may have any value, also a negative one.
    fn write(&self, value: &BigInt, values: &mut [F], loose: Option<usize>) -> bool {
        let mut rest = value.clone();
        for &(column, start, end) in self.digits.iter().rev() {
            let digit = &rest >> start;
            rest -= &digit << start;
            let bits = if loose == Some(column) { -ORDER / 2..ORDER / 2 } else { 0..1 << (end - start).min(31) };
            match i128::try_from(digit) {
                Ok(digit) if bits.contains(&digit) => values[column] = F::from_i128(digit),
                _ => return false,
            }
        }
        rest == BigInt::ZERO
    }
}

/// Returns the integer next to zero that a field element stands for.
fn integer(value: F) -> Wrapping<i128> {
    let value = i128::from(value.as_canonical_u32());
    Wrapping(if value > ORDER / 2 { value - ORDER } else { value })
}

/// Returns steps, smallest first, with which some slope times the step is off by a multiple of p, and all of them are within
/// limits of such multiples.
fn steps(slopes: &[i128], limits: &[i128]) -> impl Iterator<Item = i128> {
    let all = slopes.iter().zip(limits).filter(|(slope, _)| **slope != 0);
    let all: Vec<(i64, i64)> =
        all.map(|(slope, limit)| ((slope % ORDER) as i64, (*limit).clamp(0, ORDER) as i64)).collect();
    let order = ORDER as i64;
    let fits = move |step: i64| {
        let mut is_off = false;
        all.iter().all(|(slope, limit)| {
            let product = slope * step;
            let rest = product % order;
            let rest = if rest.abs() > order / 2 { order - rest.abs() } else { rest.abs() };
            is_off |= product.abs() > order / 2;
            rest <= *limit
        }) && is_off
    };
    (1..FARTHEST).filter(move |step| fits(*step)).map(i128::from)
}

/// Returns the integer next to a quotient.
fn rounded(dividend: i128, divisor: i128) -> i128 {
    (dividend + divisor.abs() / 2 * dividend.signum()) / divisor
}

/// Returns the remainder that is not negative.
fn floor_mod(value: &BigInt, modulus: &BigInt) -> BigInt {
    let rest = value % modulus;
    if rest.sign() == Sign::Minus { rest + modulus } else { rest }
}
