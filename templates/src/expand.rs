//! Expands templates as the `cargo generate` tool does, with the variables and filters that ours use.

use heck::ToUpperCamelCase;
use liquid::Parser;
use liquid_core::error::Error;
use liquid_core::{Display_filter, Filter, FilterReflection, ParseFilter, Runtime, Value, ValueView};

use crate::{NewError, Template};

/// Suffix of files that are no valid Rust or TOML before they are expanded. It is removed from their names.
const SUFFIX: &str = ".liquid";

/// Settings of the `cargo generate` tool, which are not a part of the package.
const SETTINGS: &str = "cargo-generate.toml";

/// Returns the files of a package: paths relative to its folder, and contents.
///
/// # Errors
///
/// [`NewError::Template`] if a file is not a template or uses a variable or filter that does not exist.
pub(crate) fn expand(template: Template, name: &str, sdk_path: &str) -> Result<Vec<(&'static str, String)>, NewError> {
    let failed = |message| NewError::Template { template, message };
    let parser = parser().map_err(|error| failed(error.to_string()))?;
    let variables = liquid::object!({
        "project-name": name,
        // The name that cargo gives to the crate.
        "crate_name": name.replace('-', "_"),
        "sdk_path": sdk_path,
    });
    let files = template.files().iter().filter(|(path, _)| *path != SETTINGS);
    let expanded = files.map(|&(path, text)| {
        let rendered = parser.parse(text).and_then(|template| template.render(&variables));
        let rendered = rendered.map_err(|error| failed(format!("{path}: {error}")))?;
        Ok((path.strip_suffix(SUFFIX).unwrap_or(path), rendered))
    });
    expanded.collect()
}

fn parser() -> Result<Parser, Error> {
    liquid::ParserBuilder::with_stdlib().filter(UpperCamelCase).build()
}

/// Parses uses of the filter `upper_camel_case`, which `cargo generate` adds to those of Liquid.
#[derive(Clone, ParseFilter, FilterReflection)]
#[filter(name = "upper_camel_case", description = "Changes text to UpperCamelCase.", parsed(UpperCamelCaseFilter))]
struct UpperCamelCase;

/// A use of the filter `upper_camel_case`.
#[derive(Debug, Default, Display_filter)]
#[name = "upper_camel_case"]
struct UpperCamelCaseFilter;

impl Filter for UpperCamelCaseFilter {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value, Error> {
        Ok(Value::scalar(input.to_kstr().to_upper_camel_case()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contents of a file of an expanded template.
    fn file(template: Template, name: &str, sdk_path: &str, path: &str) -> String {
        let files = expand(template, name, sdk_path).unwrap();
        files.into_iter().find(|(known, _)| *known == path).unwrap().1
    }

    #[test]
    fn names_and_paths_are_filled_in() {
        let manifest = file(Template::Extension, "my-ext", "/the/sdk", "Cargo.toml");
        assert!(manifest.starts_with("[package]\nname = \"my-ext\"\n"), "{manifest}");
        assert!(manifest.contains(r#"package = "chipwright-sdk", path = "/the/sdk/vm-sdk" }"#), "{manifest}");
        let manifest = file(Template::Extension, "my-ext", "", "Cargo.toml");
        assert!(manifest.contains(r#"package = "chipwright-sdk", version = "0.1" }"#), "{manifest}");
        let test = file(Template::Extension, "my-ext", "", "tests/machine.rs");
        assert!(test.contains("use my_ext::MyExtExtension;\n"), "{test}");
        // Cargo keeps upper case in the name of the crate.
        let main = file(Template::Vm, "My-Vm2", "", "src/main.rs");
        assert!(main.contains("use My_Vm2::Machine;\n"), "{main}");
        let test = file(Template::Vm, "My-Vm2", "", "tests/machine.rs");
        assert!(test.contains("CARGO_BIN_EXE_My-Vm2"), "{test}");
        let test = file(Template::Extension, "My-Vm2", "", "tests/machine.rs");
        assert!(test.contains("use My_Vm2::MyVm2Extension;\n"), "{test}");
    }

    #[test]
    fn nothing_is_left_of_the_template() {
        for template in Template::ALL {
            for (path, text) in expand(template, "a", "").unwrap() {
                assert!(!path.contains("liquid") && !path.contains("generate"), "{path}");
                assert!(!text.contains("{{") && !text.contains("{%"), "{path}: {text}");
                assert!(text.ends_with('\n'), "{path}");
            }
        }
    }

    #[test]
    fn the_version_of_published_packages_is_this_one() {
        let (version, _) = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap();
        for template in [Template::Extension, Template::Vm, Template::Guest] {
            let manifest = file(template, "a", "", "Cargo.toml");
            let options = if template == Template::Vm { ", features = [\"cli\"]" } else { "" };
            assert!(manifest.contains(&format!("\", version = \"{version}\"{options} }}\n")), "{manifest}");
        }
    }
}
