//! Builds without cargo: calls the compiler as cargo has called it before.
//!
//! An edit of a function needs none of cargo's work, which takes half of the time of such a build
//! by cargo. But only cargo knows the meaning of a manifest, a build script, a feature or a new
//! file, and an outdated call silently makes a program of old code. So every change that could be
//! one of those, and every compiler error, goes through cargo, whose calls are then learnt again.
//!
//! The calls write into a separate folder: a later cargo would otherwise take for fresh what it has
//! not built.

mod dependency_dylib;
mod lessons;
mod link_command;
mod linker;
mod needs_cargo;
mod pipeline;
mod replay;
mod replay_dir;
mod unit;

use super::child::Cancel;
use super::wrapper::Wrapper;
use super::{Built, Program, dep_info};
use crate::status::BuiltBy;
use crate::supervisor::contents::same_contents;
use crate::supervisor::{scripts::Scripts, workspace::Workspace};
use crate::threads::spawn;
pub(super) use lessons::Lesson;
pub(in crate::supervisor) use lessons::SharedReplay;
use linker::Linker;
pub(super) use needs_cargo::NeedsCargo;
use needs_cargo::needs_cargo;
use pipeline::{Made, Pipeline};
use replay::Toolchain;
use replay_dir::ReplayDir;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime};
use unit::{Unit, UnitKind};

/// The known calls of the compiler.
#[derive(Debug, Default)]
pub(in crate::supervisor) struct RustcReplay {
    place: Option<ReplayDir>,
    /// Units by the name of their output, which contains cargo's hash.
    units: HashMap<String, Unit>,
    /// Key of each part's program, by the part's package.
    programs: HashMap<String, String>,
    /// Other sources of local packages: those of units whose calls are not known.
    unknown: BTreeSet<PathBuf>,
    /// Folders of the local packages that the programs are built with.
    packages: BTreeSet<PathBuf>,
    scripts: Scripts,
    toolchain: Option<Toolchain>,
    /// Thread that reaps a compiler after it has made its program.
    rest: Option<JoinHandle<()>>,
    /// Set once a result differed from cargo's; nothing is built without cargo from then on.
    refuted: bool,
    /// Units that an edit has needed, to be primed in addition to those of the renderer's own
    /// package.
    wanted: BTreeSet<String>,
    /// True if the compiler has incremental results to continue from.
    has_primed: bool,
}

impl RustcReplay {
    /// Builds what these changes require. Returns the program, and the files that the compiler has
    /// read.
    pub(super) fn build(
        &mut self,
        workspace: &Workspace,
        changed: &BTreeSet<PathBuf>,
        cancel: &Cancel,
    ) -> Result<(Program, BTreeSet<PathBuf>), NeedsCargo> {
        let order = self.order(workspace, changed)?;
        let unprimed = order.iter().find(|key| self.units.get(*key).is_none_or(|it| !it.primed));
        if let Some(key) = unprimed {
            let reason = format!("the compiler has nothing to build on yet for {key}");
            self.wanted.extend(order);
            return needs_cargo(reason);
        }
        let begun = Instant::now();
        let made = match self.compile(workspace, &order, cancel) {
            Err(needs_cargo) if !cancel.is_wanted() && self.refuse_linker() => {
                crate::log::debug!("{needs_cargo}; retrying with every library linked again");
                self.compile(workspace, &order, cancel)
            }
            made => made,
        }?;
        let binary = made.program.filter(|binary| binary.is_file());
        let Some(binary) = binary else { return needs_cargo("no program was made") };
        let sources = made.sources.values().flatten().cloned().collect::<BTreeSet<_>>();
        for (key, sources) in made.sources {
            let _ = self.units.get_mut(&key).map(|unit| unit.sources = sources);
        }
        let program = Program {
            binary,
            libraries: Vec::new(),
            artifacts: Vec::new(),
            builder: BuiltBy::Compiler,
            fresh: false,
            compiled: Some((begun, Instant::now())),
            outputs: Vec::new(),
        };
        Ok((program, sources))
    }

    /// Compiles cargo's latest work once more, in the same way as after an edit, so that the
    /// compiler's incremental results exist by then. They are lost if a library comes from another
    /// folder than the last time, so the edit's build must continue from what is made here.
    fn prime(&mut self, workspace: &Workspace, cancel: &Cancel) {
        let Some(renderer) = workspace.renderer() else { return };
        let Ok(mut all) = self.reached(workspace) else { return };
        all.retain(|key| {
            let unit = self.units.get(key).filter(|unit| !unit.primed);
            unit.is_some_and(|it| it.package == renderer.folder || self.wanted.contains(key))
        });
        if !all.is_empty() {
            match self.compile(workspace, &all, cancel) {
                Ok(_) => {
                    self.has_primed = true;
                    for key in &all {
                        let _ = self.units.get_mut(key).map(|unit| unit.primed = true);
                    }
                }
                Err(_) if cancel.is_wanted() => return,
                Err(needs_cargo) => {
                    return crate::log::debug!("the next build needs cargo: {needs_cargo}");
                }
            }
        }
        self.learn_to_link(workspace, cancel);
    }

    /// Learns a faster way to link the program, unless that is known. An edit may have interrupted
    /// the last attempt.
    fn learn_to_link(&mut self, workspace: &Workspace, cancel: &Cancel) {
        let Some(program) = self.programs.get(&workspace.package).cloned() else { return };
        let linker = self.place.as_mut().and_then(|place| place.linker.as_mut());
        let unit = self.units.get(&program).filter(|unit| unit.primed);
        let learns = linker
            .zip(unit)
            .is_some_and(|(linker, unit)| linker.learn(unit, &workspace.options, cancel));
        // Link once in the new way, to see that it works.
        if learns
            && let Err(needs_cargo) = self.compile(workspace, &[program], cancel)
            && !cancel.is_wanted()
            && self.refuse_linker()
        {
            crate::log::debug!("programs are linked as cargo does: {needs_cargo}");
        }
    }

    /// Gives up the faster way to link, which may be the reason of a failure. Returns true if there
    /// was any.
    fn refuse_linker(&mut self) -> bool {
        let linker = self.place.as_mut().and_then(|place| place.linker.as_mut());
        linker.is_some_and(Linker::refuse)
    }

    /// Returns the wrapper that records the calls of the next build by cargo.
    pub(super) fn wrapper(&mut self, workspace: &Workspace, profile: &str) -> Option<Wrapper> {
        if !workspace.options.direct {
            return None;
        }
        self.place.take_if(|place| !place.is_there() && !place.take_back());
        if self.place.is_none() {
            match ReplayDir::open(&workspace.root, &workspace.target, profile) {
                Ok(place) => self.place = Some(place),
                Err(error) => crate::log::debug!("every build needs cargo: {error}"),
            }
        }
        let wrapper = self.place.as_ref()?.wrapper.as_ref()?.following(&workspace.root);
        Some(self.call_through(wrapper))
    }

    /// Sets the wrapper. Calls recorded through another one are forgotten.
    fn call_through(&mut self, wrapper: Wrapper) -> Wrapper {
        if let Some(place) = &mut self.place {
            if !place.wrapper.as_ref().is_some_and(|before| before.calls_as(&wrapper)) {
                self.units.clear();
            }
            place.wrapper = Some(wrapper.clone());
        }
        wrapper
    }

    /// Learns from a build by cargo: its calls, and that it has built everything.
    ///
    /// If one part does not compile, nothing counts as built.
    pub(super) fn learn(&mut self, lesson: Lesson) {
        let Lesson { parts, built, scripts, wrapper, calls } = lesson;
        self.scripts.extend(scripts);
        let Some(wrapper) = wrapper else { return };
        self.call_through(wrapper);
        let parts = parts.iter().collect::<Vec<_>>();
        let programs = built.iter().map(|built| match built {
            Built::Program(program) => Some(&**program),
            _ => None,
        });
        let programs = programs.collect::<Option<Vec<_>>>();
        for call in calls {
            let Some(unit) = Unit::new(call) else { continue };
            let mut packages = parts.iter().flat_map(|part| &part.packages);
            if packages.all(|package| package.folder != unit.package) {
                continue;
            }
            // A failed build has made nothing newer than what is here, if the call is the same.
            let same = self.units.get(&unit.key).is_some_and(|known| known.call == unit.call);
            if !same || programs.is_some() {
                self.units.insert(unit.key.clone(), unit);
            }
        }
        let Some(programs) = programs else { return };
        for unit in self.units.values_mut() {
            // cargo's output is the newest now.
            unit.primed = false;
            unit.sources = unit.sources_in(&unit.out_dir);
        }
        self.programs = parts
            .iter()
            .zip(&programs)
            .filter_map(|(part, program)| {
                Some((part.package.clone(), self.program_of(part, &program.binary)?))
            })
            .collect();
        let outputs = programs.iter().flat_map(|program| &program.outputs);
        self.packages = outputs.clone().map(|output| output.package.clone()).collect();
        let files = outputs.map(|output| &output.file);
        let unknown = files
            .filter(|file| unit::key_of(file).is_some_and(|key| !self.units.contains_key(&key)));
        let rules = unknown
            .filter_map(|file| Some(file.with_file_name(unit::key_of(file)?).with_extension("d")));
        let sources = rules.flat_map(|rules| dep_info::sources(&rules));
        let root = parts.first().map(|part| part.root.clone()).unwrap_or_default();
        let sources = sources.map(|file| unit::absolute(&root, &file));
        self.unknown = sources.collect();
        // If the user has set a wrapper, the compiler is its first argument.
        let calls = self.units.values().map(|unit| &unit.call);
        let first = calls.clone().filter_map(|call| Some(call.arguments.first()?.into()));
        let compilers = calls.map(|call| call.program.clone()).chain(first);
        self.toolchain = Some(Toolchain::of(compilers));
    }

    /// Returns, for each file, the time of the earliest compiler call that has read it. Leaves out
    /// files that are also read by an unknown call.
    pub(super) fn read_at(&self) -> HashMap<PathBuf, SystemTime> {
        let mut read_at = HashMap::<_, SystemTime>::new();
        let known = |file: &&PathBuf| !self.unknown.contains(*file);
        for unit in self.units.values() {
            for file in unit.sources.iter().filter(known) {
                let at = unit.call.at.unwrap_or(SystemTime::UNIX_EPOCH);
                let earliest = read_at.entry(file.clone()).or_insert(at);
                *earliest = at.min(*earliest);
            }
        }
        read_at
    }

    /// Returns the units that these changes affect, each after those it depends on.
    fn order(
        &self,
        workspace: &Workspace,
        changed: &BTreeSet<PathBuf>,
    ) -> Result<Vec<String>, NeedsCargo> {
        if !workspace.options.direct {
            return needs_cargo("the workspace has turned builds without cargo off");
        }
        if self.refuted {
            return needs_cargo("a check has refuted it");
        }
        if changed.is_empty() {
            return needs_cargo("no file is known to have changed");
        }
        if !self.toolchain.as_ref().is_some_and(Toolchain::is_same) {
            return needs_cargo("the toolchain is not known");
        }
        let reached = self.reached(workspace)?;
        let units = reached.iter().filter_map(|key| self.units.get(key)).collect::<Vec<_>>();
        let mut dirty = self.readers(workspace, changed, &units)?;
        if dirty.is_empty() {
            return needs_cargo("no existing file has changed");
        }
        for unit in &units {
            if unit.externs.iter().any(|needs| dirty.contains(needs)) {
                dirty.insert(unit.key.clone());
            }
        }
        let order = units.iter().filter(|unit| dirty.contains(&unit.key));
        let order = order.map(|unit| unit.key.clone()).collect::<Vec<_>>();
        self.knows_dependents(workspace, &order)?;
        Ok(order)
    }

    /// Returns the keys of the units that read the changed files.
    fn readers(
        &self,
        workspace: &Workspace,
        changed: &BTreeSet<PathBuf>,
        units: &[&Unit],
    ) -> Result<BTreeSet<String>, NeedsCargo> {
        let mut readers = BTreeSet::new();
        for file in changed {
            let name = file.display();
            let read = units.iter().any(|unit| unit.sources.contains(file));
            if !file.is_file() {
                // A draft that an editor writes beside a file before it takes the file's place.
                if !read && !self.unknown.contains(file) && workspace.is_passing(file) {
                    continue;
                }
                return needs_cargo(format!("{name} is gone"));
            }
            if self.unknown.contains(file) {
                return needs_cargo(format!("{name} is part of something whose call is not known"));
            }
            if workspace.owner_of(file).is_some_and(|package| package.is_macro) {
                return needs_cargo(format!("{name} is part of a macro"));
            }
            let script =
                workspace.packages.iter().find(|package| self.scripts.reads(package, file));
            if let Some(package) = script {
                return needs_cargo(format!(
                    "{name} may be read by the build script of {}",
                    package.name
                ));
            }
            if !read {
                return needs_cargo(format!("{name} is not known to the compiler"));
            }
            if let Some(other) = self.other_reader(file, workspace) {
                return needs_cargo(format!("{name} is read by {other}, of another part, as well"));
            }
            let users = units.iter().filter(|unit| unit.sources.contains(file));
            readers.extend(users.map(|unit| unit.key.clone()));
        }
        Ok(readers)
    }

    /// Checks that every package that depends on a changed one is among the units to compile, if
    /// the program is built with it.
    fn knows_dependents(&self, workspace: &Workspace, order: &[String]) -> Result<(), NeedsCargo> {
        let folders = order.iter().filter_map(|key| Some(self.units.get(key)?.package.as_path()));
        let folders = folders.collect::<BTreeSet<_>>();
        let dependents = workspace.dependents(&folders);
        let changed = dependents.iter().map(|package| &package.folder).collect::<BTreeSet<_>>();
        for package in &dependents {
            let is_built = self.packages.contains(&package.folder);
            if is_built && !folders.contains(package.folder.as_path()) {
                return needs_cargo(format!("how {} is compiled is not known", package.name));
            }
            if package.is_macro {
                return needs_cargo(format!(
                    "the macro {} depends on what has changed",
                    package.name
                ));
            }
            if package.build_dependencies.iter().any(|folder| changed.contains(folder)) {
                let name = &package.name;
                return needs_cargo(format!(
                    "the build script of {name} depends on what has changed"
                ));
            }
        }
        Ok(())
    }

    /// Returns the name of a unit of another part that reads a file.
    fn other_reader(&self, file: &Path, workspace: &Workspace) -> Option<&str> {
        let own = self.programs.get(&workspace.package);
        let mut all = [Vec::new(), Vec::new()];
        let [reached, others] = &mut all;
        for program in self.programs.values() {
            self.reach(program, if Some(program) == own { reached } else { others });
        }
        let mut others = others.iter().filter(|key| !reached.contains(key));
        let reads =
            |key: &&String| self.units.get(*key).is_some_and(|it| it.sources.contains(file));
        others.find(reads).and_then(|key| Some(self.units.get(key)?.name.as_str()))
    }

    /// Returns a part's program and its known dependencies, each after those it depends on.
    fn reached(&self, workspace: &Workspace) -> Result<Vec<String>, NeedsCargo> {
        let Some(program) = self.programs.get(&workspace.package) else {
            return needs_cargo("how the program is compiled is not known yet");
        };
        let mut reached = Vec::new();
        self.reach(program, &mut reached);
        Ok(reached)
    }

    /// Returns the unit of the program that cargo has made. cargo may have several variants of the
    /// program, for example with other features; only one of them equals the final program.
    fn program_of(&self, workspace: &Workspace, binary: &Path) -> Option<String> {
        let crate_name = workspace.binary.replace('-', "_");
        let renderer = workspace.renderer()?;
        let programs = self.units.values().filter(|unit| {
            let of_renderer = unit.name == crate_name && unit.package == renderer.folder;
            unit.kind == UnitKind::Program && of_renderer
        });
        let same = |unit: &&Unit| same_contents(&unit.out_dir.join(unit.file_name()), binary);
        programs.filter(same).map(|unit| unit.key.clone()).next()
    }

    fn reach(&self, key: &str, reached: &mut Vec<String>) {
        let Some(unit) = self.units.get(key).filter(|unit| !reached.contains(&unit.key)) else {
            return;
        };
        for needs in &unit.externs {
            self.reach(needs, reached);
        }
        reached.push(key.to_owned());
    }

    /// Calls the compiler for these units, each after those it depends on.
    fn compile(
        &mut self,
        workspace: &Workspace,
        order: &[String],
        cancel: &Cancel,
    ) -> Result<Made, NeedsCargo> {
        self.rest();
        let Some(place) = self.place.as_ref().filter(|place| place.is_there()) else {
            return needs_cargo("there is no folder for it");
        };
        let is_there = |key: &str| {
            self.units.get(key).is_some_and(|unit| unit.primed) || order.iter().any(|it| it == key)
        };
        let line = Pipeline {
            folder: &place.folder,
            linker: place.linker.as_ref(),
            options: &workspace.options,
            is_there: &is_there,
            cancel,
        };
        let mut made = line.compile(order.iter().filter_map(|key| self.units.get(key)))?;
        if let Some(mut child) = made.rest.take() {
            // Without the thread, the child is dropped, which kills it.
            self.rest = spawn("hot-reload reap", move || drop(child.wait())).ok();
        }
        Ok(made)
    }

    /// Waits until no compiler is running.
    fn rest(&mut self) {
        if let Some(thread) = self.rest.take() {
            let _ = thread.join();
        }
    }
}
