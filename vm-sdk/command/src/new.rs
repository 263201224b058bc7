//! `cargo chipwright new`.

use vm_sdk::cli::{Failure, print_json, print_text};
use vm_sdk::error::ErrorClass;
use vm_templates::{NewError, NewPackage, SdkSource, Template};

use crate::args::NewArgs;

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
    let path = package.create().map_err(|error| match error {
        NewError::Template { .. } => Failure::Other(ErrorClass::Internal, error.to_string()),
        _ => Failure::Other(ErrorClass::Input, error.to_string()),
    })?;
    if args.json {
        print_json(&serde_json::json!({ "path": path, "template": template.name() }))?;
    } else {
        print_text(&format!("{}\n", path.display()))?;
    }
    Ok(0)
}
