//! Elements of the lists of a machine, such as its moduli.

/// An element of a list, with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// Number in the list, from 0.
    pub number: u32,
    /// The element.
    pub value: T,
}

/// Returns the elements of a list that are wanted, with their numbers.
pub fn listed<T: Copy>(list: &[T], is_wanted: impl Fn(T) -> bool) -> impl Iterator<Item = Listed<T>> {
    let all = (0..).zip(list).map(|(number, value)| Listed { number, value: *value });
    all.filter(move |listed| is_wanted(listed.value))
}

impl<T> Listed<T> {
    /// Returns the name of an AIR for this element.
    pub fn air_name(&self, operation: &str) -> String {
        format!("{operation}[{}]", self.number)
    }

    /// Returns the field funct7 of an operation on this element, whose number is below 8.
    pub fn funct7(&self, operation: u32) -> u32 {
        8 * self.number + operation
    }
}
