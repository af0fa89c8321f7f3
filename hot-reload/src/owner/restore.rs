//! Conversion of the owner's state to a snapshot and back.

use super::{Backend, Owner};
use crate::app::{App, package};
use crate::error::{Error, Result};
use crate::handshake::{CommitBody, snapshot};
#[cfg(feature = "owner")]
use crate::supervisor::Direction;
use hot_reload_pod::{Snapshot, SnapshotError};
use std::path::Path;
use std::sync::Arc;

impl<A: App> Owner<A> {
    /// Returns the state as of the last commit, with its layout, its extra buffers and its parked
    /// values; `None` before the first commit.
    ///
    /// It works for any layout, even if it is not the one that this program was compiled with.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        let last = self.commit_copier.commit_store().latest();
        if last.head.body == 0 {
            return None;
        }
        let (shape, bytes) = (&*last.shape, last.image.bytes());
        snapshot(package::<A>(), shape, &last.head, bytes, self.assembler.time())
    }

    /// Saves the state as of the last commit to a file, which any later build can
    /// [restore](Self::restore). The file is replaced atomically: it is never half written.
    ///
    /// # Errors
    /// Fails if there is no commit yet, or if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let Some(snapshot) = self.snapshot() else {
            let source = std::io::Error::other("the renderer has committed nothing yet");
            return Err(SnapshotError::Save { path: path.to_owned(), source }.into());
        };
        Ok(snapshot.save(path)?)
    }

    /// Continues from the state of a snapshot, of this build or another. If the layout has changed
    /// since, the state is carried over as in a reload, and the report is in [`Status::migration`].
    ///
    /// In hot mode a new generation starts with it, beside the one that draws. If the new one
    /// fails, the old one keeps its own state. The owner's clock continues from the time of the
    /// snapshot.
    ///
    /// ```no_run
    /// # use hot_reload::{App, Owner, Snapshot};
    /// # fn restore<Demo: App>(owner: &mut Owner<Demo>) -> hot_reload::Result<()> {
    /// owner.restore(&Snapshot::load("before-the-boss.state")?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`Status::migration`]: crate::Status::migration
    ///
    /// # Errors
    /// Fails if the snapshot is of another application; nothing has changed then.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        let body = restorable::<A>(snapshot, self.keep_canvas)?;
        self.begin_from(body);
        self.assembler.set_time(snapshot.time());
        Ok(())
    }

    /// Discards the state: continues with what [`App::init`] of today's code makes, in a new
    /// generation in hot mode. Extra buffers are zero, and the clock goes on.
    pub fn reset(&mut self) {
        self.begin_from(CommitBody::nothing());
    }

    fn begin_from(&mut self, body: CommitBody) {
        let body = Arc::new(body);
        match &self.backend {
            Backend::Thread(thread) => thread.restore(body),
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => supervisor.restore(body),
        }
    }

    /// Goes back to the build before the one that draws, without an edit. The state stays. The next
    /// save is built and takes over as usual. Does nothing if there is no other build, and in one
    /// process.
    pub fn go_back(&mut self) {
        #[cfg(feature = "owner")]
        if let Backend::Supervisor(supervisor) = &self.backend {
            supervisor.go(Direction::Back);
        }
    }

    /// Goes forward to the newest build again, after [`go_back`](Self::go_back).
    pub fn go_forward(&mut self) {
        #[cfg(feature = "owner")]
        if let Backend::Supervisor(supervisor) = &self.backend {
            supervisor.go(Direction::Forward);
        }
    }

    /// Keeps the rescued state when this owner ends, so that the next one can
    /// [resume](crate::OwnerBuilder::resume) from it, for programs that exit with an error. A panic
    /// does the same. Has no effect in one process.
    pub fn leave_state(&mut self) {
        #[cfg(feature = "owner")]
        if let Backend::Supervisor(supervisor) = &self.backend {
            supervisor.leave_state();
        }
    }

    /// Ends the application: the renderer finishes its tick and commits. Returns that state; `None`
    /// if there never was one. Like dropping the owner, it waits for that, for at most five seconds
    /// and half a second in one process.
    #[must_use = "the last state; to end without it, drop the owner"]
    pub fn finish(mut self) -> Option<Snapshot> {
        self.stop();
        self.commit_copier.commit_store().settle();
        self.snapshot()
    }
}

/// Converts a snapshot to the body of a commit, if it is of this application.
pub(super) fn restorable<A: App>(snapshot: &Snapshot, keep_canvas: bool) -> Result<CommitBody> {
    if snapshot.application() != package::<A>() {
        let found = snapshot.application().to_owned();
        return Err(Error::OtherApplication { found, expected: package::<A>() });
    }
    Ok(CommitBody::of(snapshot, keep_canvas))
}
