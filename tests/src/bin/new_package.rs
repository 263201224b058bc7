//! Makes a package as `cargo chipwright new` does: `new_package TEMPLATE NAME PARENT` with the workspace's crates as dependencies,
//! or with published ones if `registry` follows. In a process of its own, because the library wants to know the user from
//! the environment.

use std::error::Error;

use vm_sdk::templates::{NewPackage, SdkSource, Template};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: new_package TEMPLATE NAME PARENT [registry]");
    let template = next()?;
    let template = Template::ALL.into_iter().find(|known| known.name() == template).ok_or("no such template")?;
    let (name, parent) = (next()?, next()?.into());
    let sdk = if next().is_ok() { SdkSource::Registry } else { SdkSource::default() };
    NewPackage { template, name, parent, sdk }.create()?;
    Ok(())
}
