//! `cargo chipwright new`.

use vm_templates::{NewPackage, SdkSource, Template};

use crate::args::NewArgs;
use crate::outcome::{Failure, print_json, print_text};

pub(crate) fn run(args: &NewArgs) -> Result<u8, Failure> {
    let template = match (args.template.extension, args.template.vm) {
        (true, _) => Template::Extension,
        (_, true) => Template::Vm,
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
