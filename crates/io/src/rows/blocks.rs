//! Text in blocks of whole rows: one thread unzips, one sums up, the others decode.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use flate2::bufread::MultiGzDecoder;
use memchr::{memchr_iter, memrchr_iter};
use neuroloom_core::{Event, Listener};
use rayon::prelude::*;

use super::batch::RowBatch;
use super::cells::{Dialect, decode};
use super::gather::Gather;
use super::{RowNames, RowSource, check_cancelled};
use crate::Error;
use crate::error::io_error;
use crate::table::csv::separator;

/// Bytes of a block: large enough to pay for its way through a channel, small enough for the cache.
const BLOCK: usize = 1 << 20;

/// Blocks that wait to be decoded, and decoded ones that wait to be summed up: enough to go on while pairs are sorted.
const WAITING: usize = 16;

pub(super) fn read(
    source: &RowSource,
    names: &RowNames,
    gather: &mut Gather,
    listener: &dyn Listener,
) -> Result<(), Error> {
    let path = &source.path;
    let n_read = Arc::new(AtomicU64::new(0));
    let (sender, receiver) = sync_channel(WAITING);
    thread::scope(|scope| {
        let counter = Arc::clone(&n_read);
        scope.spawn(move || {
            let outcome = unzip(path, &counter, &sender);
            if let Err(error) = outcome {
                // Nobody listens any more if the decoding side has failed.
                let _ = sender.send(Err(error));
            }
        });
        // The receiver dies with this closure, which ends the thread above.
        decode_all(source, names, gather, &mut Incoming { receiver, n_read: &n_read, listener })
    })
}

struct Incoming<'a> {
    receiver: Receiver<Result<Vec<u8>, Error>>,
    n_read: &'a AtomicU64,
    listener: &'a dyn Listener,
}

impl Incoming<'_> {
    /// At least one block, and all that wait; none at the end.
    fn next(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        check_cancelled(self.listener)?;
        self.listener.emit(Event::Step { done: self.n_read.load(Ordering::Relaxed) >> 20, loss: None });
        let Ok(first) = self.receiver.recv() else { return Ok(Vec::new()) };
        let mut blocks = vec![first?];
        while blocks.len() < rayon::current_num_threads() {
            let Ok(block) = self.receiver.try_recv() else { break };
            blocks.push(block?);
        }
        Ok(blocks)
    }
}

fn decode_all(
    source: &RowSource,
    names: &RowNames,
    gather: &mut Gather,
    incoming: &mut Incoming<'_>,
) -> Result<(), Error> {
    let path = &source.path;
    let mut blocks = incoming.next()?;
    let Some(first) = blocks.first_mut() else {
        return Err(Error::Empty { path: path.to_owned(), what: "the file is empty".to_owned() });
    };
    let separator = separator(path, first);
    let (header, row) = match &source.header {
        Some(header) => (header.clone(), 1),
        None => (take_header(path, first, separator)?, 2),
    };
    let columns = names.columns(path, &header)?;
    let dialect = Dialect { path, header: &header, columns, separator };
    thread::scope(|scope| {
        let (sender, decoded) = sync_channel(WAITING);
        let gathering = scope.spawn(move || gather_all(path, gather, &decoded));
        let decoding = decode_blocks(&dialect, (blocks, row), incoming, &sender);
        drop(sender);
        gathering.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        decoding
    })
}

/// Decodes the blocks that wait side by side and hands them on in their order.
fn decode_blocks(
    dialect: &Dialect<'_>,
    (mut blocks, mut row): (Vec<Vec<u8>>, usize),
    incoming: &mut Incoming<'_>,
    sender: &SyncSender<(RowBatch, usize)>,
) -> Result<(), Error> {
    while !blocks.is_empty() {
        let rows: Vec<(usize, usize)> = blocks
            .iter()
            .map(|block| {
                let (start, n_rows) = (row, count_rows(block));
                row += n_rows;
                (start, n_rows)
            })
            .collect();
        let decoded: Result<Vec<RowBatch>, Error> = blocks
            .par_iter()
            .zip(rows.par_iter())
            .map(|(block, &rows)| decode(dialect, block, rows))
            .collect();
        for (batch, (start, _)) in decoded?.into_iter().zip(rows) {
            if sender.send((batch, start)).is_err() {
                // Summing up has failed and says why.
                return Ok(());
            }
        }
        blocks = incoming.next()?;
    }
    Ok(())
}

/// Sums up what is decoded, in the order of the rows, while the next blocks are.
fn gather_all(path: &Path, gather: &mut Gather, decoded: &Receiver<(RowBatch, usize)>) -> Result<(), Error> {
    decoded.iter().try_for_each(|(batch, first_row)| gather.absorb(path, &batch, first_row))
}

/// Rows that a block holds (the last one may lack its line end); line ends in quotes are rare and only move
/// the number that an error names.
fn count_rows(block: &[u8]) -> usize {
    memchr_iter(b'\n', block).count() + usize::from(block.last().is_some_and(|&last| last != b'\n'))
}

/// Cuts the header row off the first block.
fn take_header(path: &Path, block: &mut Vec<u8>, separator: u8) -> Result<Vec<String>, Error> {
    let end = memchr::memchr(b'\n', block).map_or(block.len(), |end| end + 1);
    let rest = block.split_off(end);
    let line = std::mem::replace(block, rest);
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).from_reader(&*line);
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record).map_err(|_| crate::table::csv::not_text(path, 1))?;
    Ok(record.iter().map(|cell| cell.trim_start_matches('\u{feff}').trim().to_owned()).collect())
}

/// Sends the text of a file, unzipped where needed, in blocks that end with a row.
fn unzip(path: &Path, n_read: &AtomicU64, sender: &SyncSender<Result<Vec<u8>, Error>>) -> Result<(), Error> {
    let file = Counted { file: File::open(path).map_err(io_error("read", path))?, n_read };
    let mut file = BufReader::with_capacity(1 << 17, file);
    let zipped = file.fill_buf().map_err(io_error("read", path))?.starts_with(&[0x1f, 0x8b]);
    let mut text: Box<dyn Read> = if zipped { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut block = Vec::with_capacity(BLOCK + BLOCK / 4);
    loop {
        let n_new =
            (&mut text).take(BLOCK as u64).read_to_end(&mut block).map_err(|error| damaged(path, &error))?;
        if n_new == 0 {
            break;
        }
        let Some(end) = end_of_last_row(&block) else { continue };
        let mut rest = Vec::with_capacity(BLOCK + BLOCK / 4);
        rest.extend_from_slice(&block[end..]);
        block.truncate(end);
        if sender.send(Ok(std::mem::replace(&mut block, rest))).is_err() {
            return Ok(());
        }
    }
    if !block.is_empty() {
        let _ = sender.send(Ok(block));
    }
    Ok(())
}

fn damaged(path: &Path, error: &io::Error) -> Error {
    let reason = format!("{error}; the download may have been cut short");
    Error::Corrupt { path: path.to_owned(), format: "gzip", reason }
}

/// Just behind the last line end that is not inside quotes; a block always begins outside.
fn end_of_last_row(block: &[u8]) -> Option<usize> {
    let n_quotes = memchr_iter(b'"', block).count();
    let mut n_behind = 0;
    let mut end = block.len();
    for place in memrchr_iter(b'\n', block) {
        n_behind += memchr_iter(b'"', &block[place..end]).count();
        if (n_quotes - n_behind).is_multiple_of(2) {
            return Some(place + 1);
        }
        end = place;
    }
    None
}

/// Counts the bytes that are read from the disk.
struct Counted<'a> {
    file: File,
    n_read: &'a AtomicU64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.n_read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_outside_quotes() {
        assert_eq!(end_of_last_row(b"a,b\nc,d"), Some(4));
        assert_eq!(end_of_last_row(b"a,\"b\nc"), None);
        assert_eq!(end_of_last_row(b"a\n\"b\nc"), Some(2));
        assert_eq!(end_of_last_row(b"a\n\"b\nc\"\nd"), Some(8));
    }
}
