//! Functions and lines of an executable file, from its debug information or else its symbols.

use addr2line::gimli::{self, EndianSlice, RunTimeEndian};
use addr2line::{Context, demangle_auto};
use object::{Object, ObjectSection, ObjectSegment, ObjectSymbol};
use std::borrow::Cow;

type Slice<'b> = EndianSlice<'b, RunTimeEndian>;

/// The symbols of a file.
pub(super) struct Symbols<'b> {
    file: object::File<'b>,
    lines: Option<Context<Slice<'b>>>,
}

/// A function at an address, or one that was inlined there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) function: String,
    pub(super) file: Option<String>,
    pub(super) line: Option<u32>,
}

impl<'b> Symbols<'b> {
    /// Returns `None` if the file is of an unknown kind.
    pub(super) fn read(bytes: &'b [u8]) -> Option<Self> {
        let file = object::File::parse(bytes).ok()?;
        let endian = match file.is_little_endian() {
            true => RunTimeEndian::Little,
            false => RunTimeEndian::Big,
        };
        let section = |id: gimli::SectionId| -> Result<Slice<'b>, gimli::Error> {
            let section = file.section_by_name(id.name());
            let bytes = section.and_then(|section| section.data().ok()).unwrap_or_default();
            Ok(EndianSlice::new(bytes, endian))
        };
        let lines = gimli::Dwarf::load(section).and_then(Context::from_dwarf).ok();
        Some(Symbols { file, lines })
    }

    /// Returns the functions at a place in the file: those that were inlined there first, then the
    /// one that contains them. Empty if none is known.
    pub(super) fn find(&self, offset: u64) -> Vec<Found> {
        let Some(address) = self.address(offset) else { return Vec::new() };
        let mut found = Vec::new();
        let frames = self.lines.as_ref();
        let frames = frames.and_then(|lines| lines.find_frames(address).skip_all_loads().ok());
        if let Some(mut frames) = frames {
            while let Ok(Some(frame)) = frames.next() {
                let name = frame.function.as_ref().and_then(|it| it.demangle().ok());
                let function = name.map(Cow::into_owned).or_else(|| self.name(address));
                let location = frame.location;
                let file = location.as_ref().and_then(|it| it.file).map(str::to_owned);
                let line = location.and_then(|it| it.line);
                if let Some(function) = function {
                    found.push(Found { function, file, line });
                }
            }
        }
        let name = self.name(address);
        match (found.last_mut(), name) {
            // Short debug information has names without their paths.
            (Some(Found { function, .. }), Some(name)) => *function = name,
            (None, Some(function)) => found.push(Found { function, file: None, line: None }),
            (_, None) => {}
        }
        found
    }

    /// Returns the address that a place in the file is linked for.
    fn address(&self, offset: u64) -> Option<u64> {
        self.file.segments().find_map(|segment| {
            let (start, size) = segment.file_range();
            let within = offset.checked_sub(start).filter(|within| *within < size)?;
            segment.address().checked_add(within)
        })
    }

    /// Returns the name of the function that contains an address. The nearest one before it may be
    /// another: not every function has a symbol.
    fn name(&self, address: u64) -> Option<String> {
        let symbols = self.file.symbols().chain(self.file.dynamic_symbols());
        let contains = |it: &object::Symbol<'_, '_>| {
            address.checked_sub(it.address()).is_some_and(|within| within < it.size())
        };
        let name = symbols.filter(contains).find_map(|it| it.name().ok().map(str::to_owned))?;
        Some(demangle_auto(Cow::Owned(name), None).into_owned())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn nonsense_has_no_symbols() {
        assert!(Symbols::read(b"no program").is_none());
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let symbols = Symbols::read(&program).unwrap();
        assert_eq!(symbols.find(u64::MAX), []);
        for end in [64, 100, 1 << 10, 1 << 16, program.len() / 2] {
            let cut = Symbols::read(&program[..end]);
            assert!(cut.is_none_or(|cut| cut.find(program.len() as u64 / 3).is_empty()), "{end}");
        }
    }
}
