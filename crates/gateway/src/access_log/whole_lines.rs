//! Lines to an output that another process writes to as well, which may be a pipe: while the binary
//! is replaced, both log to it. What is written to a pipe in one piece of at most [`PIECE`] bytes
//! stays in one piece (POSIX `write`, `PIPE_BUF`); a longer line may be torn. In a file everything
//! that is written at once stays together, so there a batch is one piece: each costs a system call,
//! and wakes whoever watches the folder of the file, ourselves where the configuration lies there.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

/// `PIPE_BUF` of Linux (`pipe(7)`).
const PIECE: usize = 4096;

/// Writes as many whole lines at once as stay together.
#[derive(Debug)]
pub(super) struct WholeLines<W> {
    out: W,
    is_file: bool,
}

impl<W: AsFd> WholeLines<W> {
    /// Looks what the output is.
    pub(super) fn to(out: W) -> Self {
        // What cannot be looked at is taken for a pipe, which is right for a file as well.
        let file = out.as_fd().try_clone_to_owned().map(File::from);
        let is_file = file.and_then(|file| file.metadata()).is_ok_and(|file| file.is_file());
        Self { out, is_file }
    }
}

impl<W: Write> Write for WholeLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = if self.is_file { bytes.len() } else { length_of_piece(bytes) };
        let (piece, _) = bytes.split_at(length);
        self.out.write(piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Up to the last line break that a piece may hold; else up to the first there is.
fn length_of_piece(bytes: &[u8]) -> usize {
    let (most, _) = bytes.split_at(bytes.len().min(PIECE));
    let last = memchr::memrchr(b'\n', most);
    let end = last.or_else(|| memchr::memchr(b'\n', bytes));
    end.map_or(bytes.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps the pieces apart.
    #[derive(Default)]
    struct Pieces(Vec<Vec<u8>>);

    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn pieces_end_where_lines_do() {
        let lines = [10, 3000, 2000, 4096, 1, 9000, 5].map(|length| "x".repeat(length - 1) + "\n");
        let written = |is_file| {
            let mut out = WholeLines { out: Pieces::default(), is_file };
            out.write_all(lines.concat().as_bytes()).unwrap();
            out.out.0
        };
        let (pipe, file) = (written(false), written(true));
        let pieces: Vec<usize> = pipe.iter().map(Vec::len).collect();
        assert_eq!(pieces, [3010, 2000, 4096, 1, 9000, 5]);
        assert!(pipe.iter().all(|piece| piece.ends_with(b"\n")));
        assert_eq!(file, [lines.concat().into_bytes()]);
    }

    #[test]
    fn a_file_is_told_from_a_pipe() {
        let (_, pipe) = io::pipe().unwrap();
        assert!(!WholeLines::to(pipe).is_file);
        assert!(WholeLines::to(tempfile::tempfile().unwrap()).is_file);
    }
}
