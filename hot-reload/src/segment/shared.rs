//! A mapping of shared memory that has a name.

use super::geometry::Section;
use shared_memory::Shmem;

/// A mapping, and on the owner's side a descriptor for reserving its pages.
pub(crate) struct Mapping {
    pub(super) shmem: Shmem,
    #[cfg(target_os = "linux")]
    pub(super) file: Option<std::os::fd::OwnedFd>,
}

impl Mapping {
    /// Unlinks the name. The mapping stays; a kill of both sides then leaves nothing behind.
    #[cfg(all(feature = "owner", unix))]
    pub(crate) fn unlink(&self) {
        // A renderer may have unlinked it first; the order does not matter.
        let _ = rustix::shm::unlink(self.shmem.get_os_id());
    }

    /// Does nothing: a name that cannot be unlinked while mapped goes when the mapping is dropped.
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
        // On other systems shared memory is backed by swap, and nothing needs to be reserved.
        let _ = section;
        Ok(())
    }
}
