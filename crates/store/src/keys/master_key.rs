//! Where the master key comes from: a file that only its owner can read, or text that was given.
//!
//! 1. A key file is made on the first start, whole or not at all, readable by its owner only.
//! 2. An existing file is never written to, whatever is in it.
//! 3. A file that others can read is refused: a key that leaked is no key.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use symbolon_core::Random;
use symbolon_core::seal::MasterKey;

