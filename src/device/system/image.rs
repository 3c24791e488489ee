//! What the executable in memory says it was linked with: `LC_BUILD_VERSION` among the load commands of a Mach-O.
//!
//! The layout is that of `mach-o/loader.h`: a header of 32 bytes, whose words are magic, CPU type, CPU subtype, file
//! type, the number of commands and their size in bytes; then the commands, each with its kind and size first.

/// `MH_MAGIC_64`.
const MAGIC: u32 = 0xfeed_facf;
/// `MH_EXECUTE`.
const EXECUTE: u32 = 2;
/// `LC_BUILD_VERSION`: kind, size, platform, minos, sdk.
const BUILD_VERSION: u32 = 0x32;
/// `LC_VERSION_MIN_IPHONEOS`, which older linkers write: kind, size, version, sdk.
const VERSION_MIN: u32 = 0x25;

/// The size of the header.
pub const HEADER: usize = 32;

/// The size of header and commands, from the header; nothing when it is not the header of an executable.
pub fn size_with_commands(header: &[u8]) -> Option<usize> {
    let executable = word(header, 0)? == MAGIC && word(header, 12)? == EXECUTE;
    let commands = usize::try_from(word(header, 20)?).ok()?;
    executable.then(|| HEADER.checked_add(commands)).flatten()
}

/// The SDK, major and minor, from header and commands.
pub fn sdk(image: &[u8]) -> Option<(u16, u16)> {
    let commands = word(image, 16)?;
    let mut at = HEADER;
    for _ in 0..commands {
        let size = usize::try_from(word(image, at + 4)?).ok()?;
        let place = match word(image, at)? {
            BUILD_VERSION => Some(16),
            VERSION_MIN => Some(12),
            _ => None,
        };
        if let Some(place) = place {
            let version = word(image, at + place)?;
            let [_, minor, low, high] = version.to_le_bytes();
            return Some((u16::from_le_bytes([low, high]), u16::from(minor)));
        }
        at = at.checked_add(size.max(8))?;
    }
    None
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    four.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(commands: &[&[u32]]) -> Vec<u8> {
        let words: Vec<u32> = commands.concat();
        let size = u32::try_from(words.len() * 4).unwrap();
        let header = [MAGIC, 0x0100_000c, 0, EXECUTE, u32::try_from(commands.len()).unwrap(), size];
        let all = header.into_iter().chain([0, 0]).chain(words);
        all.flat_map(u32::to_le_bytes).collect()
    }

    /// A command of no interest: `LC_UUID`.
    const OTHER: &[u32] = &[0x1b, 24, 1, 2, 3, 4];

    #[test]
    fn the_sdk_is_read_from_whichever_command_has_it() {
        let build = image(&[OTHER, &[BUILD_VERSION, 24, 2, 15 << 16, 17 << 16 | 4 << 8 | 1, 0]]);
        assert_eq!(size_with_commands(&build), Some(build.len()));
        assert_eq!(sdk(&build), Some((17, 4)));
        let older = image(&[&[VERSION_MIN, 16, 9 << 16, 9 << 16 | 3 << 8], OTHER]);
        assert_eq!(sdk(&older), Some((9, 3)));
        assert_eq!(sdk(&image(&[OTHER])), None);
    }

    #[test]
    fn what_is_no_executable_and_what_is_cut_off_is_not_read() {
        let mut library = image(&[OTHER]);
        library[12] = 6;
        assert_eq!(size_with_commands(&library), None);
        assert_eq!(size_with_commands(b"\x7fELF"), None);
        let build = image(&[&[BUILD_VERSION, 24, 2, 15 << 16, 17 << 16, 0]]);
        for end in 0..build.len() - 4 {
            assert_eq!(sdk(&build[..end]), None, "{end}");
        }
        // A size of nothing does not make it go round.
        assert_eq!(sdk(&image(&[&[0, 0]])), None);
    }
}
