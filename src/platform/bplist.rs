//! The object table of a binary property list, as far as it takes to bound what the list spells out
//! to. Objects may be referred to many times, so a few hundred bytes can stand for more values than
//! fit into memory.
//!
//! The layout is that of CoreFoundation's `CFBinaryPList.c`: header, objects, offset table, and a
//! trailer of 32 bytes.

use std::collections::BTreeMap;

/// What a value takes in memory, beside the text or data in it.
const VALUE_BYTES: u64 = 32;

/// What one object consists of.
struct Contents {
    /// The bytes it spells out to itself.
    own: u64,
    /// Where its references to other objects begin.
    start: usize,
    /// How many there are.
    references: usize,
}

/// The table of a list.
pub(super) struct Objects<'a> {
    bytes: &'a [u8],
    offsets: usize,
    offset_size: usize,
    ref_size: usize,
    count: u64,
    top: u64,
}

impl<'a> Objects<'a> {
    /// The table of `bytes`; `None` when the trailer makes no sense.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Objects<'a>> {
        let trailer = bytes.len().checked_sub(32).filter(|start| *start >= 8)?;
        let objects = Objects {
            bytes,
            offset_size: usize::from(*bytes.get(trailer + 6)?),
            ref_size: usize::from(*bytes.get(trailer + 7)?),
            count: number(bytes, trailer + 8, 8)?,
            top: number(bytes, trailer + 16, 8)?,
            offsets: usize::try_from(number(bytes, trailer + 24, 8)?).ok()?,
        };
        let known = |size: usize| (1..=8).contains(&size);
        (known(objects.offset_size) && known(objects.ref_size)).then_some(objects)
    }

    /// Checks that the list nests at most `depth` deep and spells out to at most `limit` bytes.
    ///
    /// # Errors
    /// The offset of the container where that fails.
    pub(super) fn spelled_out(&self, depth: usize, limit: usize) -> Result<(), u64> {
        self.size(self.top, depth, limit as u64, &mut BTreeMap::new()).map(|_| ())
    }

    /// What `object` spells out to. Every object is worked out once; the recursion is as deep as
    /// `depth` allows.
    fn size(
        &self,
        object: u64,
        depth: usize,
        limit: u64,
        known: &mut BTreeMap<(u64, usize), u64>,
    ) -> Result<u64, u64> {
        if let Some(size) = known.get(&(object, depth)) {
            return Ok(*size);
        }
        // What the parser will refuse, it may find for itself.
        let Some(offset) = self.offset(object) else { return Ok(VALUE_BYTES) };
        let Contents { own, start, references } = self.contents(offset);
        if references == 0 {
            return Ok(own);
        }
        let below = depth.checked_sub(1).ok_or(offset as u64)?;
        let mut size = own;
        for n in 0..references {
            let child = number(self.bytes, start + n * self.ref_size, self.ref_size);
            let child = self.size(child.unwrap_or(u64::MAX), below, limit, known)?;
            size = size.saturating_add(child);
            if size > limit {
                return Err(offset as u64);
            }
        }
        known.insert((object, depth), size);
        Ok(size)
    }

    fn offset(&self, object: u64) -> Option<usize> {
        if object >= self.count {
            return None;
        }
        let at = usize::try_from(object).ok()?.checked_mul(self.offset_size)?;
        let entry = self.offsets.checked_add(at)?;
        usize::try_from(number(self.bytes, entry, self.offset_size)?).ok()
    }

    fn contents(&self, offset: usize) -> Contents {
        let leaf =
            |own: u64| Contents { own: own.saturating_add(VALUE_BYTES), start: 0, references: 0 };
        let Some(token) = self.bytes.get(offset).copied() else { return leaf(0) };
        let (kind, short) = (token >> 4, u64::from(token & 0x0f));
        let (length, start) = if short < 0x0f {
            (short, offset + 1)
        } else {
            let power = self.bytes.get(offset + 1).map_or(0, |marker| usize::from(marker & 0x03));
            let length = number(self.bytes, offset + 2, 1 << power).unwrap_or(0);
            (length, offset + 2 + (1 << power))
        };
        let references = match kind {
            0xa | 0xc => length,
            0xd => length.saturating_mul(2),
            0x4..=0x6 => return leaf(length.min(self.bytes.len() as u64)),
            _ => return leaf(0),
        };
        let room = self.bytes.len().saturating_sub(start) / self.ref_size;
        let references = usize::try_from(references).unwrap_or(usize::MAX).min(room);
        Contents { own: VALUE_BYTES, start, references }
    }
}

/// The big-endian number of `size` bytes at `at`.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let digits = bytes.get(at..at.checked_add(size)?)?;
    Some(digits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list of arrays, each of which holds the next one twice.
    fn doubling(levels: u8) -> Vec<u8> {
        let mut bytes = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for level in 0..levels {
            offsets.push(bytes.len() as u8);
            bytes.extend([0xa2, level + 1, level + 1]);
        }
        offsets.push(bytes.len() as u8);
        bytes.push(0x09);
        let table = bytes.len() as u64;
        bytes.extend(&offsets);
        bytes.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        bytes.extend((offsets.len() as u64).to_be_bytes());
        bytes.extend(0u64.to_be_bytes());
        bytes.extend(table.to_be_bytes());
        bytes
    }

    #[test]
    fn a_small_list_that_spells_out_to_more_than_memory_is_refused() {
        let bomb = doubling(40);
        assert!(bomb.len() < 300);
        assert!(Objects::new(&bomb).unwrap().spelled_out(64, 1 << 20).is_err());
        let tame = doubling(8);
        assert!(Objects::new(&tame).unwrap().spelled_out(64, 1 << 20).is_ok());
    }

    #[test]
    fn a_list_that_holds_itself_is_refused() {
        let mut bytes = doubling(1);
        bytes[9] = 0;
        bytes[10] = 0;
        assert!(Objects::new(&bytes).unwrap().spelled_out(64, 1 << 20).is_err());
    }

    #[test]
    fn a_damaged_table_is_left_to_the_parser() {
        assert!(Objects::new(b"bplist00").is_none());
        let mut bytes = doubling(3);
        let end = bytes.len();
        bytes[end - 1] = 0xff;
        assert!(Objects::new(&bytes).unwrap().spelled_out(64, 1 << 20).is_ok());
    }
}
