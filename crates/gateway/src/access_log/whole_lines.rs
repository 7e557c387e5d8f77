//! Lines to an output that another process writes to as well, which may be a pipe: while the binary
//! is replaced, both log to it. What is written to a pipe in one piece of at most [`PIECE`] bytes
//! stays in one piece (POSIX `write`, `PIPE_BUF`); a longer line may be torn.

use std::io::{self, Write};

/// `PIPE_BUF` of Linux (`pipe(7)`).
const PIECE: usize = 4096;

/// Writes as many whole lines at once as stay together.
#[derive(Debug)]
pub(super) struct WholeLines<W>(pub(super) W);

impl<W: Write> Write for WholeLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (piece, _) = bytes.split_at(length_of_piece(bytes));
        self.0.write(piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
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
        let mut out = WholeLines(Pieces::default());
        out.write_all(lines.concat().as_bytes()).unwrap();
        let pieces: Vec<usize> = out.0.0.iter().map(Vec::len).collect();
        assert_eq!(pieces, [3010, 2000, 4096, 1, 9000, 5]);
        assert!(out.0.0.iter().all(|piece| piece.ends_with(b"\n")));
    }
}
