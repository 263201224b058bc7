//! `cargo chipwright new`.

use vm_templates::{NewPackage, SdkSource, Template};

use crate::args::NewArgs;
use crate::outcome::{Failure, print_json, print_text};

pub(crate) fn run(args: &NewArgs) -> Result<u8, Failure> {
    let kind = &args.template;
    let template = match (kind.extension, kind.vm, kind.guest_c) {
        (true, ..) => Template::Extension,
        (_, true, _) => Template::Vm,
        (.., true) => Template::GuestC,
        _ => Template::Guest,
    };
    let package = NewPackage {
        template,
        name: args.name.clone(),
        parent: args.dir.clone(),
        sdk: args.sdk.clone().map_or_else(SdkSource::default, SdkSource::Folder),
    };
    let path = package.create().map_err(Failure::New)?;
    if args.json {
        print_json(&serde_json::json!({ "path": path, "template": template.name() }))?;
    } else {
        print_text(&format!("{}\n", path.display()))?;
    }
    Ok(0)
}
