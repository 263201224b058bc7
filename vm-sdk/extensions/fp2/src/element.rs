//! Elements on the host.

use vm_modular::modulus::Modulus;
use vm_modular::number::{Number, number, words};

/// An element: the coefficients of 1 and u.
pub type Element = [Number; 2];

/// Returns the element that words are: the coefficient of 1, then that of u, lowest words first.
pub fn element(of: &[u32]) -> Element {
    let (real, imaginary) = of.split_at(of.len() / 2);
    [number(real), number(imaginary)]
}

/// Returns the words of an element.
pub fn element_words<const WORDS: usize, const PAIR: usize>(element: Element) -> [u32; PAIR] {
    let [real, imaginary] = element.map(words::<WORDS>);
    std::array::from_fn(|i| if i < WORDS { real[i] } else { imaginary[i - WORDS] })
}

/// Returns the product of two elements.
pub fn product(p: Modulus, [a, b]: Element, [c, d]: Element) -> Element {
    [p.sub(p.mul(a, c), p.mul(b, d)), p.add(p.mul(a, d), p.mul(b, c))]
}

/// Returns the inverse of an element, unless it is zero: its conjugate divided by its norm.
pub fn inverse(p: Modulus, [a, b]: Element) -> Option<Element> {
    let norm = p.inverse(p.add(p.mul(a, a), p.mul(b, b)))?;
    Some([p.mul(a, norm), p.mul(p.sub(Number::ZERO, b), norm)])
}
