//! A real directory: Debian's slapd, started by the test in a folder of its own, on a port that
//! the system chose.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::certificates::Pair;
use crate::harness::patience::eventually;
use crate::harness::program::{self, Program};

/// The account that may look around.
pub(crate) const READER: &str = "cn=reader,dc=example,dc=test";
/// Its password.
pub(crate) const READER_PASSWORD: &str = "let me look";
/// The password of `alice`, with everything that others stumble over.
pub(crate) const ALICE_PASSWORD: &str = " open: sesame:";
/// The password of everybody else.
pub(crate) const OTHERS_PASSWORD: &str = "others";

/// How often it is started on another port before the test gives up.
const ATTEMPTS: usize = 20;

/// A directory with some people in it.
pub(crate) struct Directory {
    folder: TempDir,
    scheme: &'static str,
    port: u16,
    program: Option<Program>,
}

impl Directory {
    /// One that is reached without TLS, or with `StartTLS` where it has a certificate.
    pub(crate) fn start(certificate: Option<&Pair>) -> Self {
        Self::new("ldap", certificate)
    }

    /// One that is reached over TLS.
    pub(crate) fn secured(certificate: &Pair) -> Self {
        Self::new("ldaps", Some(certificate))
    }

    fn new(scheme: &'static str, certificate: Option<&Pair>) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        fs::create_dir(path.join("data")).unwrap();
        let mut configuration = CONFIGURATION.replace("FOLDER", path.to_str().unwrap());
        if let Some(pair) = certificate {
            pair.write(path, "slapd");
            let tls =
                "TLSCertificateFile FOLDER/slapd.pem\nTLSCertificateKeyFile FOLDER/slapd.key\n";
            configuration.insert_str(0, &tls.replace("FOLDER", path.to_str().unwrap()));
        }
        fs::write(path.join("slapd.conf"), configuration).unwrap();
        fs::write(path.join("people.ldif"), PEOPLE).unwrap();
        let added = Command::new(tool(path, "slapadd"))
            .args(["-f", path.join("slapd.conf").to_str().unwrap()])
            .args(["-l", path.join("people.ldif").to_str().unwrap()])
            .output()
            .unwrap();
        assert!(added.status.success(), "slapadd: {added:?}");
        let mut directory = Self { folder, scheme, port: 0, program: None };
        directory.start_again();
        directory
    }

    /// Starts it, on the port that it had before.
    pub(crate) fn start_again(&mut self) {
        assert!(self.program.is_none(), "it runs already");
        let configuration = self.folder.path().join("slapd.conf");
        let mut last = Vec::new();
        for _ in 0..ATTEMPTS {
            let port = if self.port == 0 { free_port() } else { self.port };
            let program = Program::start(
                Command::new(tool(self.folder.path(), "slapd"))
                    // `256`: one line for each operation.
                    .args(["-d", "256", "-f", configuration.to_str().unwrap()])
                    .args(["-h", &format!("{}://127.0.0.1:{}/", self.scheme, port)]),
            );
            let port = eventually("slapd to listen or to end", || match listening(program.id()) {
                Some(port) => Some(Some(port)),
                None => (!program::lives(program.id())).then_some(None),
            });
            if let Some(port) = port {
                self.port = port;
                self.program = Some(program);
                return;
            }
            last = program.stderr.to_the_end();
        }
        panic!("slapd does not listen: {last:?}");
    }

    /// Ends it with all its connections.
    pub(crate) fn stop(&mut self) {
        self.program.take().unwrap().kill();
    }

    /// `ldap://127.0.0.1:PORT`, or the same with `ldaps`.
    pub(crate) fn url(&self) -> String {
        self.url_of("127.0.0.1")
    }

    pub(crate) fn url_of(&self, host: &str) -> String {
        format!("{}://{host}:{}", self.scheme, self.port)
    }

    /// How many lines of its log have this in them.
    pub(crate) fn logged(&self, text: &str) -> usize {
        let log = self.program.as_ref().unwrap().stderr.all();
        log.iter().filter(|line| line.contains(text)).count()
    }

    /// Waits until that many lines have it.
    pub(crate) fn wait_for_logged(&self, text: &str, count: usize) {
        eventually(text, || (self.logged(text) >= count).then_some(()));
    }

    /// Changes entries (`ldapmodify`).
    #[track_caller]
    pub(crate) fn modify(&self, ldif: &str) {
        let mut command = Command::new("ldapmodify");
        command.args(["-x", "-H", &self.url(), "-D", MANAGER, "-w", "manage"]);
        let output = program::run(&mut command, ldif);
        assert!(output.status.success(), "{output:?}");
    }
}

const MANAGER: &str = "cn=manager,dc=example,dc=test";

/// A port that nobody listens on. Somebody may a moment later: then another one is tried, since
/// slapd cannot be told to let the system choose.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// slapd and its tools are one program that looks at its name.
fn tool(folder: &Path, name: &str) -> PathBuf {
    let slapd = ["/usr/sbin/slapd", "/usr/lib/openldap/slapd", "/usr/libexec/slapd"];
    let slapd = slapd.iter().find(|path| Path::new(path).exists());
    let slapd = slapd.expect("slapd: `cargo xtask test` installs it");
    let tool = folder.join(name);
    if !tool.exists() {
        symlink(slapd, &tool).unwrap();
    }
    tool
}

/// The port on which a process listens.
fn listening(id: u32) -> Option<u16> {
    let sockets: Vec<String> = fs::read_dir(format!("/proc/{id}/fd"))
        .ok()?
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok()?.into_os_string().into_string().ok())
        .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let table = fs::read_to_string(format!("/proc/{id}/net/tcp")).ok()?;
    table.lines().skip(1).find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        // Local address, and `0A` for LISTEN; the tenth is the inode.
        let is_ours = fields[3] == "0A" && sockets.iter().any(|inode| inode == fields[9]);
        let (_, port) = fields[1].split_once(':')?;
        is_ours.then(|| u16::from_str_radix(port, 16).ok()).flatten()
    })
}

const CONFIGURATION: &str = "\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile FOLDER/pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
database mdb
suffix \"dc=example,dc=test\"
rootdn \"cn=manager,dc=example,dc=test\"
rootpw manage
directory FOLDER/data
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=\"cn=reader,dc=example,dc=test\" read by self read by anonymous auth by * none
";

const PEOPLE: &str = "\
dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=test
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=test
objectClass: organizationalUnit
ou: groups

dn: ou=elsewhere,dc=example,dc=test
objectClass: organizationalUnit
ou: elsewhere

dn: cn=reader,dc=example,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: let me look

dn: uid=alice,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: A
mail: alice@example.test
userPassword:: IG9wZW46IHNlc2FtZTo=
memberOf: cn=staff,ou=groups,dc=example,dc=test
memberOf: cn=root,ou=elsewhere,dc=example,dc=test

dn: uid=bob,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: B
userPassword: others

dn: uid=a\\2Cb,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: a,b
cn: Comma
sn: C
userPassword: others

dn: uid=twin1,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: twin1
cn: Twin
sn: T
mail: twin@example.test
userPassword: others

dn: uid=twin2,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: twin2
cn: Twin
sn: T
mail: twin@example.test
userPassword: others

dn: uid=many,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
uid: many
uid: more
cn: Many
sn: M
userPassword: others

dn: cn=staff,ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: staff
member: uid=alice,ou=people,dc=example,dc=test

dn: cn=Night Shift,ou=groups,dc=example,dc=test
objectClass: groupOfNames
cn: Night Shift
member: uid=alice,ou=people,dc=example,dc=test
member: uid=bob,ou=people,dc=example,dc=test

dn: cn=root,ou=elsewhere,dc=example,dc=test
objectClass: groupOfNames
cn: root
member: uid=alice,ou=people,dc=example,dc=test
member: uid=bob,ou=people,dc=example,dc=test
";
