//! Debian's packages, installed with apt-get as root or through sudo.

use anyhow::{Result, bail};

use crate::run;

/// A package, and a shell command that succeeds where what it brings is already there.
pub(crate) struct Package {
    name: &'static str,
    proof: &'static str,
}

/// A browser and its driver for the log-in pages, Python and Node for the example services,
/// OpenSSL and curl as other clients, a directory with its tools, and authorities that a system
/// believes.
pub(crate) const FOR_TESTS: &[Package] = &[
    Package { name: "chromium", proof: "command -v chromium" },
    Package { name: "chromium-driver", proof: "command -v chromedriver" },
    Package { name: "python3-venv", proof: "python3 -c 'import ensurepip, venv'" },
    Package { name: "ca-certificates", proof: "test -e /etc/ssl/certs/ca-certificates.crt" },
    Package { name: "openssl", proof: "command -v openssl" },
    Package { name: "curl", proof: "command -v curl" },
    Package { name: "slapd", proof: "test -x /usr/sbin/slapd" },
    Package { name: "ldap-utils", proof: "command -v ldapmodify" },
    Package { name: "nodejs", proof: "command -v node" },
    Package { name: "npm", proof: "command -v npm" },
];

/// libFuzzer is C++.
pub(crate) const FOR_FUZZING: &[Package] = &[Package { name: "g++", proof: "command -v c++" }];

/// The peers, and `taskset` to pin everybody to a core.
pub(crate) const FOR_BENCHMARKS: &[Package] = &[
    Package { name: "nginx", proof: "test -x /usr/sbin/nginx" },
    Package {
        name: "libnginx-mod-http-lua",
        proof: "test -e /usr/lib/nginx/modules/ngx_http_lua_module.so",
    },
    Package { name: "haproxy", proof: "test -x /usr/sbin/haproxy" },
    Package { name: "util-linux", proof: "command -v taskset" },
    Package { name: "python3-venv", proof: "python3 -c 'import ensurepip, venv'" },
];

/// Installs those of the packages that are not there.
pub(crate) fn ensure(packages: &[Package]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .filter(|package| !run::succeeds(&mut run::program("sh", &["-c", package.proof])))
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let listed = missing.join(" ");
    if !run::succeeds(&mut run::program("sh", &["-c", "command -v apt-get"])) {
        bail!("missing: {listed}; install them, there is no apt-get here to do it");
    }
    run::shown(&mut as_root(&listed, &["apt-get", "update"])?)?;
    let mut install = as_root(&listed, &["apt-get", "install", "-y", "--no-install-recommends"])?;
    run::shown(install.env("DEBIAN_FRONTEND", "noninteractive").args(missing))
}

fn as_root(for_packages: &str, words: &[&str]) -> Result<std::process::Command> {
    if run::captured(&mut run::program("id", &["-u"]))?.trim() == "0" {
        return Ok(run::program("env", words));
    }
    if run::succeeds(&mut run::program("sudo", &["-n", "true"])) {
        return Ok(run::program("sudo", words));
    }
    bail!("missing: {for_packages}; run `apt-get install {for_packages}` as root")
}
