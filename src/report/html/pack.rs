//! Rows of numbers as short text: each number as what it differs from the one above, in digits of base 64, as source
//! maps have them. Events that come again and again take a few characters each.

/// The digits of base 64.
pub(super) const DIGITS: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The largest number that the page counts exactly.
pub(super) const MOST: u64 = (1 << 53) - 1;

/// `n` as the page can count it.
pub(super) fn exact(n: u64) -> i64 {
    n.min(MOST).cast_signed()
}

/// Appends `n`: five bits a digit, the lowest first, the lowest of all being the sign; 32 is added to every digit
/// but the last.
pub(super) fn number(out: &mut String, n: i64) {
    let mut rest = n.unsigned_abs() << 1 | u64::from(n < 0);
    loop {
        let digit = (rest & 31) as usize;
        rest >>= 5;
        let more = if rest > 0 { 32 } else { 0 };
        out.push(char::from(DIGITS[digit | more]));
        if rest == 0 {
            return;
        }
    }
}

/// Rows that all have as many numbers.
pub(super) struct Rows<const N: usize> {
    last: [i64; N],
    text: String,
}

impl<const N: usize> Rows<N> {
    pub(super) fn new() -> Rows<N> {
        Rows { last: [0; N], text: String::new() }
    }

    pub(super) fn row(&mut self, row: [i64; N]) {
        for (last, n) in self.last.iter_mut().zip(row) {
            number(&mut self.text, n - *last);
            *last = n;
        }
    }

    pub(super) fn text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(numbers: &[i64]) -> String {
        let mut out = String::new();
        numbers.iter().for_each(|n| number(&mut out, *n));
        out
    }

    /// What `page/unpack.js` does.
    fn unpacked(text: &str) -> Vec<i64> {
        let (mut out, mut n, mut shift) = (Vec::new(), 0u64, 0);
        for c in text.bytes() {
            let digit = DIGITS.iter().position(|known| *known == c).unwrap() as u64;
            n |= (digit & 31) << shift;
            shift += 5;
            if digit < 32 {
                let size = (n >> 1).cast_signed();
                out.push(if n & 1 == 1 { -size } else { size });
                (n, shift) = (0, 0);
            }
        }
        out
    }

    #[test]
    fn numbers_are_written_as_source_maps_write_them() {
        assert_eq!(packed(&[0, 1, -1, 15, 16, -123]), "ACDegB3H");
    }

    #[test]
    fn every_number_that_the_page_can_count_comes_back() {
        let numbers = [0, 1, -1, 31, 32, 1_000_000, exact(u64::MAX), -exact(u64::MAX)];
        assert_eq!(unpacked(&packed(&numbers)), numbers);
    }

    #[test]
    fn a_row_like_the_one_above_takes_a_character_a_number() {
        let mut rows = Rows::new();
        rows.row([1_000_000, 7]);
        let first = rows.text.len();
        rows.row([1_000_000, 7]);
        assert_eq!(rows.text.len(), first + 2);
        assert_eq!(unpacked(&rows.text()), [1_000_000, 7, 0, 0]);
    }
}
