//! `cargo chipwright new`.

use crate::args::NewArgs;
use crate::outcome::Failure;

#[cfg(not(feature = "new"))]
pub(crate) fn run(_: &NewArgs) -> Result<u8, Failure> {
    Err(Failure::NoTemplates)
}

#[cfg(feature = "new")]
pub(crate) fn run(args: &NewArgs) -> Result<u8, Failure> {
    use vm_sdk::templates::{NewError, NewPackage, SdkSource, Template};

    use crate::outcome::{print_json, print_text};

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
    let path = match package.create() {
        Err(NewError::NoUser) => return again_with_user(),
        path => path.map_err(Failure::New)?,
    };
    if args.json {
        print_json(&serde_json::json!({ "path": path, "template": template.name() }))?;
    } else {
        print_text(&format!("{}\n", path.display()))?;
    }
    Ok(0)
}

/// Runs this command again with a name for the user, as in containers there is none. (A process with threads cannot change
/// its own environment.)
#[cfg(feature = "new")]
fn again_with_user() -> Result<u8, Failure> {
    let exe = std::env::current_exe().map_err(Failure::Relaunch)?;
    let mut command = std::process::Command::new(exe);
    command.args(std::env::args_os().skip(1)).env(vm_sdk::templates::USER_VARIABLE, "user");
    let status = command.status().map_err(Failure::Relaunch)?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(crate::outcome::FAILED))
}
