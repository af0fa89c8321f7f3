//! The comparison of a build made without cargo with cargo's own: both programs are started with
//! the last commit and rehearse one frame, and their pictures and states are compared.

use super::builds::{self, Built, Cancel, Changed, Program};
use super::launch::{self, Launch, Rehearsal};
use super::machine::{Event, Start};
use super::message::{Message, Verdict};
use super::plan::Plan;
use super::run_dir::RunDir;
use super::workspace::Workspace;
use crate::generation::Committed;
use crate::handshake::Needs;
use crate::handshake::RendererInfo;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// One check.
pub(super) struct Check {
    pub(super) plan: Arc<Plan>,
    pub(super) folder: Arc<RunDir>,
    pub(super) workspace: Workspace,
    pub(super) profile: String,
    pub(super) changed: Changed,
    pub(super) build: u32,
    pub(super) committed: Arc<Committed>,
    pub(super) needs: Needs,
    /// Current size of the canvas, in pixels.
    pub(super) size: (u32, u32),
    pub(super) cancel: Cancel,
}

/// The result of one program's rehearsal.
#[derive(Debug)]
enum Observed {
    Rehearsed(Box<Rehearsal>),
    /// The rehearsal failed, for this reason.
    Failed(String),
}

impl Check {
    /// Builds with cargo and compares; returns `None` if it was cancelled.
    pub(super) fn run(&self, direct: &Path) -> Option<Verdict> {
        let (built, _) =
            builds::cargo_alone(&self.workspace, &self.profile, &self.changed, &self.cancel);
        let mut program = match built {
            Built::Program(program) => program,
            Built::Cancelled | Built::Unconcerned => return None,
            Built::Failed { message, .. } => {
                return Some(Verdict::Differs(format!("cargo cannot build it:\n{message}")));
            }
            Built::CannotBuild { message } => return Some(Verdict::Unknown(message)),
        };
        // Artifacts that cargo does not build are the same for both.
        let artifacts = self.plan.recipe.artifacts.iter().filter_map(|file| file.file_name());
        program.libraries.extend(artifacts.map(|name| direct.with_file_name(name)));
        let verdict = self.compare(direct, &program);
        self.folder.forget(&self.beside());
        verdict
    }

    /// Returns the name of the folder in which cargo's program is kept during the check.
    fn beside(&self) -> String {
        format!("{}-cargo", self.build)
    }

    fn compare(&self, direct: &Path, program: &Program) -> Option<Verdict> {
        let cargo = match self.folder.keep(&self.beside(), program) {
            Ok(cargo) => cargo,
            Err(error) => {
                let reason = format!("cargo's program cannot be copied: {error}");
                return Some(Verdict::Unknown(reason));
            }
        };
        let [one, other] = [self.rehearse(direct)?, self.rehearse(&cargo)?];
        let Some(difference) = one.difference(&other) else { return Some(Verdict::Same) };
        // Only after a difference, since most programs do the same each time.
        let again = self.rehearse(direct)?;
        Some(match one.difference(&again) {
            Some(_) => Verdict::Unknown("it behaves differently each time".to_owned()),
            None => Verdict::Differs(difference),
        })
    }

    /// Starts a program and lets it rehearse; returns `None` if it was cancelled.
    fn rehearse(&self, program: &Path) -> Option<Observed> {
        let mut needs = self.needs;
        loop {
            match self.rehearse_in(program, &mut needs) {
                Ok(Some(shown)) => return Some(shown),
                Ok(None) if self.cancel.is_wanted() => return None,
                // Again, with a larger segment.
                Ok(None) => {}
                Err(reason) => return Some(Observed::Failed(reason)),
            }
        }
    }

    /// Rehearses once; returns `None` if it was cancelled or a larger segment is needed.
    fn rehearse_in(&self, program: &Path, needs: &mut Needs) -> Result<Option<Observed>, String> {
        const LOOK: Duration = Duration::from_millis(1);
        let (events, ended) = channel();
        let mut launched = launch::launch(
            &self.plan,
            Launch {
                // A number for the picture, not of a real generation: the same for both programs.
                generation: 1,
                build: self.build,
                program,
                start: Start::Warm,
                needs: *needs,
                size: self.size,
                committed: &self.committed,
                kept: None,
                folder: &self.folder,
                shows_rehearsal: true,
                assets: 0,
                events,
            },
        )
        .map_err(|error| error.to_string())?;
        let begun = launched.begin(Start::Warm).map_err(|error| error.to_string());
        let deadline = Instant::now() + self.plan.deadlines.start + self.plan.deadlines.rehearsal;
        let mut shown = begun.map(|()| None);
        let mut is_over = shown.is_err();
        while !is_over && !self.cancel.is_wanted() {
            // Its last signs may say more than its end.
            let gone = ended.recv_timeout(LOOK).ok();
            is_over = gone.is_some();
            for event in launched.look() {
                is_over |= !matches!(event, Event::Attached { .. } | Event::Rehearsing { .. });
                match event {
                    Event::Ready { .. } => shown = launched.rehearsed().map(Some),
                    Event::Misfit { .. } => {
                        let described = RendererInfo::read(&launched.segment);
                        let wanted = described.map(|it| it.needs).unwrap_or_default();
                        if needs.max(wanted) == *needs {
                            shown = Err("it keeps asking for a larger segment".to_owned());
                        }
                        *needs = needs.max(wanted);
                    }
                    Event::Refused { reason, .. } | Event::Fault { reason, .. } => {
                        shown = Err(reason);
                    }
                    _ => {}
                }
            }
            if let Some(Message::Gone { crash, .. }) = gone
                && matches!(shown, Ok(None))
                && launched.awaits()
            {
                shown = Err(format!("it did not reach its first frame: {crash}"));
            }
            if !is_over && Instant::now() > deadline && !launched.is_debugged() {
                is_over = true;
                shown = Err("its first frame takes too long".to_owned());
            }
        }
        launched.kill();
        launched.unname(&self.folder);
        shown.map(|shown| shown.map(|it| Observed::Rehearsed(Box::new(it))))
    }
}

impl Observed {
    /// Describes the difference between a build made without cargo and cargo's own.
    fn difference(&self, cargo: &Observed) -> Option<String> {
        match (self, cargo) {
            (Observed::Rehearsed(one), Observed::Rehearsed(other)) => one.difference(other),
            (Observed::Failed(one), Observed::Failed(other)) if one == other => None,
            (Observed::Failed(how), Observed::Rehearsed(_)) => {
                Some(format!("{how}, and cargo's program draws"))
            }
            (_, Observed::Failed(how)) => Some(format!("cargo's program fails: {how}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::CommitShape;
    use crate::segment::CommitHead;
    use hot_reload_pod::SharedState;
    use hot_reload_pod::internal::Image;

    fn shown(frame: &[u32], width: u32, state: u32) -> Observed {
        let shape = CommitShape { state: u32::LAYOUT.into(), buffers: Vec::new() };
        let mut image = Image::zeroed(shape.canvas_at(0));
        image.bytes_mut()[..4].copy_from_slice(&state.to_ne_bytes());
        Observed::Rehearsed(Box::new(Rehearsal {
            shape,
            frame: Some(((width, 1), frame.to_vec())),
            commit: Some((CommitHead::default(), image)),
        }))
    }

    #[test]
    fn a_difference_of_picture_state_or_end_is_told() {
        let failed = |how: &str| Observed::Failed(how.to_owned());
        let cases = [
            (shown(&[1, 2], 2, 7), shown(&[1, 2], 2, 7), None),
            (shown(&[1, 2], 2, 7), shown(&[1, 3], 2, 7), Some("another picture: 1 pixels")),
            (shown(&[1, 2], 2, 7), shown(&[1], 1, 7), Some("a picture of another size")),
            (
                shown(&[1, 2], 2, 7),
                shown(&[1, 2], 2, 8),
                Some("another state after one frame: `state: u32 = 7`"),
            ),
            (failed("a"), failed("a"), None),
            (failed("a"), failed("b"), Some("cargo's program fails: b")),
            (failed("a"), shown(&[1], 1, 7), Some("a, and cargo's program draws")),
            (shown(&[1], 1, 7), failed("b"), Some("cargo's program fails: b")),
        ];
        for (direct, cargo, expected) in cases {
            let said = direct.difference(&cargo);
            let is_expected = match (&said, expected) {
                (Some(said), Some(expected)) => said.contains(expected),
                (None, None) => true,
                _ => false,
            };
            assert!(is_expected, "{direct:?}, {cargo:?}: {said:?}");
        }
    }
}
