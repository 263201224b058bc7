//! A flag is written once.
use vm_derive::AnyEnum;

#[derive(AnyEnum)]
enum Inner {}

#[derive(AnyEnum)]
enum Outer {
    #[any_enum]
    #[any_enum]
    Inner(Inner),
}

fn main() {}
