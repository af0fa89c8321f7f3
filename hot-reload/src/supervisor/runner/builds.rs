//! The runner's handling of builds: it starts them, keeps their products, and primes the compiler.

use super::{FIRST_BUILD, Runner, Watcher};
use crate::lock::lock;
use crate::status::{BuiltBy, Progress, ReloadEvent};
use crate::supervisor::{
    Message,
    builds::{Artifact, Built, Cancel, Done, Job, Program, Report, built_by_cargo},
    check::Check,
    launch::Launched,
    machine::{BuildOutcome, Event},
    message::{Kept, Told, Verdict},
    parts::Follower,
    read::Read,
    run_dir::RunDir,
};
use crate::threads::spawn;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The reason why a build could not be copied.
enum Lost {
    /// An artifact was written to during the copy.
    Written,
    Unwritable(String),
}

/// Returns the builder if every part was built: cargo if any part needed it.
fn built_by(built: &[Built]) -> Option<BuiltBy> {
    let concerned = built.iter().filter(|built| !matches!(built, Built::Unconcerned));
    let builders = concerned.map(|built| match built {
        Built::Program(program) => Some(program.builder),
        _ => None,
    });
    let builders = builders.collect::<Option<Vec<_>>>()?;
    let has = |by: BuiltBy| builders.contains(&by).then_some(by);
    has(BuiltBy::Cargo).or(has(BuiltBy::Compiler)).or(Some(BuiltBy::Other))
}

impl Runner {
    pub(super) fn build(&mut self, build: u32) {
        self.begun = Instant::now();
        self.causes.build_begun(build, self.begun);
        self.recorder.build_started(build, self.begun);
        self.building = build;
        if self.plan.part.follows() {
            return;
        }
        self.hint = None;
        if build > FIRST_BUILD {
            self.plan.part.followers().iter().for_each(|follower| follower.tell(Told::Began));
        }
        self.cancel = Cancel::default();
        self.changed.extend(std::mem::take(&mut self.saved));
        self.echoes.begin(std::mem::take(&mut self.build_for));
        self.reconfigured = false;
        self.scripts.reset();
        // Cancels a check, but not priming: if every edit ended that, it would never finish.
        self.background.cancel();
        let own = std::iter::once(self.plan.search.package.as_str());
        let packages = own.chain(self.plan.part.followers().iter().map(|it| it.package()));
        let packages =
            packages.map(|package| format!("`{package}`")).collect::<Vec<_>>().join(", ");
        match &self.plan.recipe.program {
            Some(program) => crate::log::info!("build {build}: {}", program.display()),
            None => {
                crate::log::info!(
                    "build {build}: {packages} in profile `{}`",
                    self.plan.search.profile
                );
            }
        }
        let Some(watcher) = self.watcher.clone() else { return };
        self.progress =
            Some(Progress { begun: self.begun, done: 0, total: 0, at_work: String::new() });
        let job = self.job(watcher);
        // Files saved from here on belong to the next build.
        let command_due = self.due.command;
        (self.due.watch, self.due.command) = (false, false);
        self.start(build, job, command_due);
    }

    /// Returns the work of a build, as things are now.
    fn job(&self, watcher: Arc<Watcher>) -> Job {
        let own = self.programs.iter().max_by_key(|(build, _)| **build);
        let own = own.map(|(_, program)| program.clone());
        let modules = self.plan.part.followers().iter().map(Follower::newest);
        Job {
            recipe: self.plan.recipe.clone(),
            search: self.plan.search.clone(),
            assets: self.plan.assets.clone(),
            workspaces: self.workspaces.clone(),
            changed: self.changed.clone(),
            due: self.due,
            newest: std::iter::once(own).chain(modules).collect(),
            replay: self.replay.clone(),
            scripts: self.scripts.clone(),
            watcher,
            cancel: self.cancel.clone(),
        }
    }

    /// Starts a build on a thread.
    fn start(&self, build: u32, job: Job, command_due: bool) {
        let events = self.events.clone();
        let report: Report = {
            let events = events.clone();
            Box::new(move |done, total, at_work| {
                let _ = events.send(Message::Progress { build, done, total, at_work });
            })
        };
        let turn = move || {
            let begun = Instant::now();
            let done = job.run(report);
            let _ = events.send(Message::Built { build, done, took: begun.elapsed() });
        };
        let thread = spawn(format!("hot-reload build {build}"), turn);
        if let Err(error) = thread {
            let message = format!("no thread for the build: {error}");
            let parts = 1 + self.plan.part.followers().len();
            let built = vec![Built::CannotBuild { message }; parts];
            let read = Read { failed: true, ..Read::default() };
            let done = Done { built, read, workspaces: None, command_due };
            let _ = self.events.send(Message::Built { build, done, took: Duration::ZERO });
        }
    }

    /// Hands each part its result of a build. Returns this part's outcome, and true if another
    /// build is needed.
    pub(super) fn done(&mut self, build: u32, done: Done, took: Duration) -> (BuildOutcome, bool) {
        let Done { built, read, workspaces, command_due } = done;
        // Not if a manifest was saved after cargo was asked.
        if let Some(workspaces) = workspaces.filter(|_| !self.reconfigured) {
            self.workspaces = Some(*workspaces);
        }
        let is_cancelled = built.iter().all(|built| matches!(built, Built::Cancelled));
        let again = self.look_again(&read, is_cancelled);
        // Also due if this build did not run the command.
        self.due.command |= command_due;
        self.progress = None;
        let by = built_by(&built);
        if build == FIRST_BUILD && by.is_some() {
            self.hint = self.file_to_edit();
            if let Some(hint) = &self.hint {
                crate::log::info!("{hint}");
            }
        }
        match (by, &self.workspaces) {
            (Some(by), _) => self.changed.built_by(by),
            (None, Some(workspaces)) => {
                self.changed.built_in_part(&built_by_cargo(workspaces, &built))
            }
            (None, None) => {}
        }
        if !is_cancelled {
            self.say_why_cargo(build, read.by_cargo.as_deref());
            if built_by(&built) == Some(BuiltBy::Cargo) {
                self.scripts.ran(read.scripts.0.keys());
            }
            if let Some(watcher) = &self.watcher {
                watcher.know(read);
            }
        }
        // The program stays due until every part has been built.
        self.due.program &= by.is_none() || !self.saved.is_empty();
        let mut built = built.into_iter();
        let own = built.next().unwrap_or(Built::Cancelled);
        let replies = self.hand_out(&own, built, took);
        let outcome = self.built(build, own, took);
        // The next build may overwrite the files that the parts copy, so wait for all of them. A
        // part that has ended drops its sender.
        for kept in replies.iter() {
            if let Kept::Lost { written } = kept {
                self.due.program = true;
                self.meanwhile |= written;
            }
        }
        match by {
            Some(BuiltBy::Compiler) if self.checks() => self.check(build),
            // A save may have interrupted priming earlier; a build without cargo leaves that
            // undone.
            Some(_) => self.prime(),
            None => {}
        }
        (outcome, again)
    }

    /// Logs why a build needed cargo, at level `info` if the same reason applied to the last build.
    fn say_why_cargo(&mut self, build: u32, reason: Option<&str>) {
        // The first build always needs cargo.
        let reason = reason.filter(|_| build > FIRST_BUILD).map(Arc::<str>::from);
        if let Some(reason) = &reason {
            match self.by_cargo.as_ref() == Some(reason) {
                true => crate::log::info!("build {build} needed cargo again: {reason}"),
                false => crate::log::debug!("build {build} needed cargo: {reason}"),
            }
        }
        self.by_cargo = reason;
    }

    /// Tells the parts that follow their results; returns the receiver of their replies.
    fn hand_out(
        &self,
        own: &Built,
        built: impl Iterator<Item = Built>,
        took: Duration,
    ) -> Receiver<Kept> {
        let (reply, replies) = channel();
        let mut said = match own {
            Built::Failed { message, .. } => vec![message.clone()],
            _ => Vec::new(),
        };
        for (index, (follower, built)) in self.plan.part.followers().iter().zip(built).enumerate() {
            if let Built::Failed { message, .. } = &built
                && !said.contains(message)
            {
                crate::log::print(message);
                said.push(message.clone());
            }
            let modules = self.workspaces.as_ref().map(|all| &all.modules);
            let workspace = modules.and_then(|modules| modules.get(index)?.as_ref().ok());
            let workspace = workspace.map(|workspace| Box::new(workspace.clone()));
            let reply = reply.clone();
            follower.tell(Told::Built { built, took, workspace, reply });
        }
        replies
    }

    /// Keeps the product of a build and returns the build's outcome.
    pub(super) fn built(&mut self, build: u32, built: Built, took: Duration) -> BuildOutcome {
        // After a cancelled build or an error in the source, another build follows in any case.
        self.meanwhile &= matches!(built, Built::Program(_) | Built::CannotBuild { .. });
        match built {
            Built::Cancelled => {
                let why = if self.quitting { "the program ends" } else { "the source has changed" };
                crate::log::info!("build {build} cancelled after {took:.0?}: {why}");
                BuildOutcome::Cancelled
            }
            Built::Unconcerned => BuildOutcome::Unconcerned,
            Built::Failed { message, .. } => {
                // Not through the log, which would escape the compiler's colors. The leading part
                // has printed the messages of all parts.
                if !self.plan.part.follows() {
                    crate::log::print(&message);
                }
                let meanwhile = match self.launched.values().any(Launched::draws) {
                    true => "the last good one keeps running",
                    false => "waiting for the next save",
                };
                crate::log::error!("build {build} failed after {took:.0?}; {meanwhile}");
                BuildOutcome::Failed { message }
            }
            Built::CannotBuild { message } => BuildOutcome::CannotBuild { message },
            Built::Program(program) => {
                // Artifacts that changed during the build were usually written by its own command.
                // Another build is needed only if they have changed since they were taken.
                self.meanwhile &= !program.artifacts.iter().all(Artifact::is_unchanged);
                // A program that cargo calls fresh may still be new here: a build that was
                // cancelled too late leaves a program that was never launched.
                if program.fresh && self.is_kept(&program) {
                    if !self.plan.part.follows() {
                        crate::log::info!(
                            "build {build} finished after {took:.0?}: nothing has changed"
                        );
                    }
                    self.recorder.build_finished(program.compiled, Instant::now());
                    return BuildOutcome::Fresh;
                }
                match self.keep(build, &program) {
                    Ok(()) => {
                        self.recorder.build_finished(program.compiled, Instant::now());
                        let by = program.builder;
                        let how = if by == BuiltBy::Compiler { ", without cargo" } else { "" };
                        crate::log::info!("build {build} finished after {took:.0?}{how}");
                        BuildOutcome::New { took, by }
                    }
                    Err(Lost::Written) => {
                        crate::log::info!(
                            "build {build} is repeated: its files were written to during the copy"
                        );
                        // It is built again once its writer has finished.
                        (self.due.program, self.meanwhile) = (true, true);
                        BuildOutcome::Cancelled
                    }
                    Err(Lost::Unwritable(message)) => {
                        self.due.program = true;
                        BuildOutcome::CannotBuild { message }
                    }
                }
            }
        }
    }

    /// Returns true if the program equals the one that was kept last.
    fn is_kept(&self, program: &Program) -> bool {
        let newest = self.programs.iter().max_by_key(|(build, _)| **build);
        newest.is_some_and(|(_, kept)| RunDir::is_kept(kept, program))
    }

    fn keep(&mut self, build: u32, program: &Program) -> Result<(), Lost> {
        // The folder of a program that another tool builds.
        let beside = || program.binary.parent().unwrap_or(Path::new(".")).to_path_buf();
        let target = self.workspace().map_or_else(beside, |it| it.target.clone());
        let unwritable = |error: std::io::Error| {
            if error.kind() == ErrorKind::Interrupted {
                return Lost::Written;
            }
            Lost::Unwritable(format!(
                "the build cannot be copied to {}: {error}; make the folder writable, or free space",
                target.display()
            ))
        };
        self.own_folder(&target).map_err(unwritable)?;
        if let Some(folder) = &self.folder {
            let kept = folder.keep(&build.to_string(), program).map_err(|error| {
                folder.forget(&build.to_string());
                unwritable(error)
            })?;
            *lock(&self.newest) = Some(kept.clone());
            self.programs.insert(build, kept);
        }
        Ok(())
    }

    /// Creates this owner's folder in a target folder, if it has none yet.
    pub(super) fn own_folder(&mut self, target: &Path) -> std::io::Result<()> {
        if self.folder.is_none() {
            let folder = Arc::new(RunDir::create(target)?);
            self.folder = Some(folder.clone());
            self.begin_rescue(&folder);
        }
        Ok(())
    }

    /// Primes the compiler in the background, so that the next edit need not go through cargo.
    pub(super) fn prime(&mut self) {
        let Some(workspaces) = self.workspaces.clone() else { return };
        let (replay, cancel) = (self.replay.clone(), self.priming.clone());
        let parts = workspaces.known().into_iter().cloned().collect();
        let turn = move || replay.prime(parts, &cancel);
        // Without the thread, every build uses cargo.
        let _ = spawn("hot-reload prime", turn);
    }

    /// Returns true if the workspace wants builds made without cargo to be compared with cargo's.
    /// Applications of several parts are never compared: what a module draws depends on a state
    /// that keeps changing.
    pub(super) fn checks(&self) -> bool {
        let wanted = self.workspace().is_some_and(|workspace| workspace.options.check);
        wanted && !self.plan.part.is_one_of_several()
    }

    /// Compares a build made without cargo with what cargo makes.
    pub(super) fn check(&mut self, build: u32) {
        let workspace = self.workspace().cloned();
        let program = self.programs.get(&build).cloned();
        let (Some(workspace), Some(folder), Some(program)) =
            (workspace, self.folder.clone(), program)
        else {
            return;
        };
        self.stop_background();
        self.background = Cancel::default();
        let check = Check {
            plan: self.plan.clone(),
            folder,
            workspace,
            profile: self.plan.search.profile.clone(),
            changed: self.changed.clone(),
            build,
            committed: self.commit_store.latest(),
            needs: self.needs,
            size: self.canvas(),
            cancel: self.background.clone(),
        };
        let events = self.events.clone();
        let turn = move || {
            if let Some(verdict) = check.run(&program) {
                let _ = events.send(Message::Checked { build, verdict });
            }
        };
        self.checking = spawn("hot-reload check", turn).ok();
    }

    /// Reports the result of a check. After a difference every build uses cargo, starting with this
    /// one.
    pub(super) fn checked(&mut self, build: u32, verdict: Verdict) -> Vec<Event> {
        if build != self.building {
            return Vec::new();
        }
        // Cargo has compiled these files for the check.
        self.changed.since_cargo.clear();
        let difference = match verdict {
            Verdict::Same => {
                crate::log::info!("build {build} behaves as what cargo makes of the same sources");
                None
            }
            Verdict::Unknown(reason) => {
                crate::log::warn!(
                    "build {build} cannot be compared with what cargo makes: {reason}"
                );
                return Vec::new();
            }
            Verdict::Differs(difference) => Some(difference),
        };
        self.board.tell(ReloadEvent::Checked { build, difference: difference.clone() });
        let Some(difference) = difference else { return Vec::new() };
        crate::log::error!(
            "build {build}, made without cargo, behaves differently from what cargo makes of the \
             same sources: {difference}; every build uses cargo from now on. If both were built \
             from the same sources, this is a bug in hot-reload: please report it"
        );
        self.replay.refute();
        self.due.program = true;
        vec![Event::Changed]
    }

    /// Cancels a check and waits until it has ended.
    pub(super) fn stop_background(&mut self) {
        self.background.cancel();
        if let Some(thread) = self.checking.take() {
            let _ = thread.join();
        }
    }
}
