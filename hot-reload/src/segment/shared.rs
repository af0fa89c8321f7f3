//! Shared memory by name: made and unlinked by the owner, opened by the renderer.

#[cfg(feature = "owner")]
use super::Geometry;
use super::geometry::Section;
use super::header::Header;
use super::memory::Memory;
use shared_memory::{Shmem, ShmemConf, ShmemError};
use std::ptr::NonNull;

/// Why a renderer could not open its segment.
#[derive(Debug)]
pub(crate) enum OpenError {
    Open(ShmemError),
    /// Too short even for its header.
    TooShort(usize),
}

/// A mapping, and on the owner's side a descriptor for reserving its pages.
pub(crate) struct Mapping {
    shmem: Shmem,
    #[cfg(target_os = "linux")]
    file: Option<std::os::fd::OwnedFd>,
}

/// Maps `geometry.total` bytes of address space under `name`; no pages yet.
#[cfg(feature = "owner")]
pub(crate) fn create(name: &str, geometry: &Geometry) -> Result<Memory, ShmemError> {
    let shmem = ShmemConf::new().os_id(name).size(geometry.total).create()?;
    let mapping = Mapping {
        #[cfg(target_os = "linux")]
        file: rustix::shm::open(name, rustix::shm::OFlags::RDWR, rustix::shm::Mode::empty()).ok(),
        shmem,
    };
    mapping.into_memory().map_err(|_| ShmemError::MapSizeZero)
}

/// Maps the segment `name`, whatever its size is; its header says what it should be.
pub(crate) fn open(name: &str) -> Result<Memory, OpenError> {
    let shmem = ShmemConf::new().os_id(name).open().map_err(OpenError::Open)?;
    let mapping = Mapping {
        shmem,
        #[cfg(target_os = "linux")]
        file: None,
    };
    mapping.into_memory().map_err(OpenError::TooShort)
}

impl Mapping {
    fn into_memory(self) -> Result<Memory, usize> {
        let (base, len) = (NonNull::new(self.shmem.as_ptr()), self.shmem.len());
        let base = base.filter(|_| len >= size_of::<Header>()).ok_or(len)?;
        // SAFETY: mapped for `len` bytes as long as `shmem` lives, which moves into the memory;
        // mappings start at pages; at least as long as a header, just checked.
        Ok(unsafe { Memory::shared(base, len, self) })
    }

    /// Takes the name away. What is mapped stays; a kill of both sides then leaves nothing.
    #[cfg(all(feature = "owner", unix))]
    pub(crate) fn unlink(&self) {
        // A renderer may have been quicker, and nothing depends on who was.
        let _ = rustix::shm::unlink(self.shmem.get_os_id());
    }

    /// Where names cannot be unlinked while mapped, the drop of the mapping does it.
    #[cfg(all(feature = "owner", not(unix)))]
    pub(crate) fn unlink(&self) {}

    /// Allocates the pages of a section, so that touching them cannot end in SIGBUS.
    pub(super) fn reserve(&self, section: Section) -> std::io::Result<()> {
        #[cfg(target_os = "linux")]
        if let Some(file) = &self.file {
            use rustix::fs::{FallocateFlags, fallocate};
            let (start, len) = (section.start as u64, section.len as u64);
            loop {
                match fallocate(file, FallocateFlags::empty(), start, len) {
                    Err(rustix::io::Errno::INTR) => {}
                    done => return Ok(done?),
                }
            }
        }
        // Elsewhere shared memory is backed by swap, and there is nothing to reserve.
        let _ = section;
        Ok(())
    }
}
