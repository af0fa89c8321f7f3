//! Segments by name: created and unlinked by the owner, opened by the renderer.

#[cfg(feature = "owner")]
use super::Geometry;
use super::header::Header;
use super::memory::Memory;
use super::shared::Mapping;
use shared_memory::{ShmemConf, ShmemError};
use std::ptr::NonNull;

/// Reason why a renderer could not open its segment.
#[derive(Debug)]
pub(crate) enum OpenError {
    Open(ShmemError),
    /// Too short even for its header.
    TooShort(usize),
}

/// Maps `geometry.total` bytes of address space under `name`, without reserving pages.
#[cfg(feature = "owner")]
pub(crate) fn create(name: &str, geometry: &Geometry) -> Result<Memory, ShmemError> {
    let shmem = ShmemConf::new().os_id(name).size(geometry.total).create()?;
    let mapping = Mapping {
        #[cfg(target_os = "linux")]
        file: rustix::shm::open(name, rustix::shm::OFlags::RDWR, rustix::shm::Mode::empty()).ok(),
        shmem,
    };
    into_memory(mapping).map_err(|_| ShmemError::MapSizeZero)
}

/// Maps the segment `name` and unlinks the name. The header contains its expected size.
pub(crate) fn open(name: &str) -> Result<Memory, OpenError> {
    let shmem = ShmemConf::new().os_id(name).open().map_err(OpenError::Open)?;
    // The name is no longer needed: once unlinked, a kill of both sides leaves nothing behind. The
    // owner also unlinks it when it sees that we are here; the order does not matter.
    #[cfg(unix)]
    let _ = rustix::shm::unlink(name);
    let mapping = Mapping {
        shmem,
        #[cfg(target_os = "linux")]
        file: None,
    };
    into_memory(mapping).map_err(OpenError::TooShort)
}

fn into_memory(mapping: Mapping) -> Result<Memory, usize> {
    let (base, len) = (NonNull::new(mapping.shmem.as_ptr()), mapping.shmem.len());
    let base = base.filter(|_| len >= size_of::<Header>()).ok_or(len)?;
    // SAFETY: mapped for `len` bytes as long as `shmem` lives, which moves into the memory;
    // mappings start at pages; at least as long as a header, just checked.
    Ok(unsafe { Memory::shared(base, len, mapping) })
}

#[cfg(all(test, feature = "owner", target_os = "linux"))]
mod tests {
    use super::*;
    use crate::segment::{Segment, Sizes};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_segment_is_the_users_alone_and_has_no_name_once_it_is_open() {
        let name = format!("/hr-test-{:x}", std::process::id());
        let file = std::path::PathBuf::from(format!("/dev/shm{name}"));
        let geometry = Geometry::new(Sizes { commit: 4096, ..Sizes::default() }).unwrap();
        let segment = Segment::initialise(create(&name, &geometry).unwrap(), geometry, 3);
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (generation, opened) = Segment::attach(open(&name).unwrap()).unwrap();
        assert!(!file.exists(), "unlinked by the one who opens it");
        assert_eq!((generation, opened.geometry), (3, geometry));
        segment.stop().set();
        assert!(opened.stop().is_set(), "both see the same memory");
    }

    #[test]
    fn pages_for_which_there_is_no_room_are_an_error() {
        let name = format!("/hr-test-{:x}-large", std::process::id());
        let sizes = Sizes { commit: 1 << 44, ..Sizes::default() };
        let geometry = Geometry::new(sizes).unwrap();
        // If even the address space is refused, that is the error.
        if let Ok(memory) = create(&name, &geometry) {
            assert!(memory.reserve(geometry.commits[0]).is_err(), "16 TiB");
        }
    }
}
