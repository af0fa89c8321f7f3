//! One generation's process: segment, spawn, first signs of life, end.

use super::Plan;
use super::machine::Event;
use crate::handshake::{Briefing, CarriedBody, Description};
use crate::owner::{Committed, Opening, Wake};
use crate::renderer::environment;
use crate::segment::{self, CommitReader, PROTOCOL, Phase, Segment};
use crate::sys;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A generation that was launched.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) segment: Arc<Segment>,
    pub(super) wake: Arc<Wake>,
    process: Arc<Process>,
    /// The owner's end of its commits, until it has attached.
    pub(super) reader: Option<CommitReader>,
    /// The commit that it goes on from.
    from: (u64, u64),
    pixels: usize,
}

/// A process that can be killed as long as its id is its own.
#[derive(Debug)]
struct Process {
    id: u32,
    reaped: Mutex<bool>,
}

impl Process {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.reaped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills the process and what it has started.
    fn kill(&self) {
        let reaped = self.lock();
        if !*reaped {
            sys::kill_group(self.id);
        }
    }
}

impl Launched {
    pub(super) fn kill(&self) {
        self.process.kill();
    }

    /// Asks the renderer to finish its tick, commit and end.
    pub(super) fn stop(&self) {
        self.segment.stop().set();
        self.wake.wake(&self.segment);
    }

    pub(super) fn opening(&self, generation: u32, channels: (bool, bool)) -> Opening {
        Opening {
            generation,
            segment: self.segment.clone(),
            wake: self.wake.clone(),
            channels,
            from: self.from,
            pixels: self.pixels,
        }
    }
}

/// Makes the segment, puts in what the last generation left, and starts the program.
pub(super) fn launch(
    plan: &Plan,
    generation: u32,
    program: &Path,
    body: usize,
    pixels: usize,
    committed: &Committed,
    on: impl Fn(Event) + Send + 'static,
) -> Result<Launched, String> {
    let carried = (committed.generation > 0).then(|| CarriedBody {
        shape: (*committed.shape).clone(),
        canvas: committed.head.canvas,
        received: committed.head.received,
    });
    let briefing = Briefing {
        arguments: plan.arguments.clone(),
        input: plan.input.clone(),
        to_renderer: plan.to_renderer.clone(),
        to_owner: plan.to_owner.clone(),
        canvas: plan.mode.canvas,
        keep_canvas: plan.mode.keep,
        carried,
    };
    let briefing = serde_json::to_vec(&briefing).map_err(|error| error.to_string())?;
    let handed_over = committed.image.bytes();
    let body = body.max(handed_over.len());
    let geometry = (plan.geometry)(&plan.shape, body, briefing.len(), plan.mode);
    let geometry = geometry.map_err(|error| error.to_string())?;
    let name = name();
    let memory = segment::create(&name, &geometry)
        .map_err(|error| no_memory(&name, geometry.total, &error))?;
    let segment = Segment::initialise(memory, geometry, generation);
    // From here on an early return must not leave the name behind; dropping the mapping unlinks it.
    let reserved = segment.reserve_fixed().and_then(|()| segment.reserve_canvas(pixels));
    reserved.map_err(|error| no_memory(&name, geometry.needed(pixels), &error))?;
    segment.write_briefing(&briefing);
    let mut reader = CommitReader::new(segment.clone());
    reader.hand_over(handed_over);

    let mut command = Command::new(program);
    command.args(&plan.program_arguments);
    command.env(environment::SEGMENT, &name);
    command.env(environment::OWNER, std::process::id().to_string());
    if let Some(folder) = program.parent() {
        command.env(LIBRARY_PATH, library_path(folder));
    }
    command.stdin(Stdio::piped());
    sys::own_group(&mut command);
    let mut child = command
        .spawn()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let process = Arc::new(Process { id: child.id(), reaped: Mutex::new(false) });
    let Some(pipe) = child.stdin.take() else {
        process.kill();
        return Err("the system gave no wake pipe".to_owned());
    };
    sys::never_block(&pipe).map_err(|error| format!("the wake pipe blocks: {error}"))?;
    watch(child, process.clone(), segment.clone(), generation, on)?;
    let wake = Arc::new(Wake::Pipe(pipe));
    let from = (committed.head.tick, committed.head.received);
    Ok(Launched { segment, wake, process, reader: Some(reader), from, pixels })
}

/// Waits for the signs of life of a generation, and for its end.
fn watch(
    mut child: Child,
    process: Arc<Process>,
    segment: Arc<Segment>,
    generation: u32,
    on: impl Fn(Event) + Send + 'static,
) -> Result<(), String> {
    let killer = process.clone();
    let turn = move || {
        let mut signs = Signs::default();
        while !signs.complete && !sys::has_ended(&mut child) {
            signs.look(&segment, generation, &on);
            // Only while it starts: afterwards this thread waits for the end.
            thread::sleep(Duration::from_millis(1));
        }
        sys::wait_unreaped(&child);
        signs.refuse_protocol(&segment, generation, &on);
        // It may have described itself in its last moments.
        signs.look(&segment, generation, &on);
        if let Some(mapping) = segment.mapping() {
            mapping.unlink();
        }
        let status = {
            let mut reaped = process.lock();
            // Its id is still taken, so that these can only be programs it has started.
            sys::kill_group(process.id);
            let status = child.wait();
            *reaped = true;
            status
        };
        let how = match status {
            Ok(status) => sys::describe_exit(status),
            Err(error) => format!("nobody knows how: {error}"),
        };
        on(Event::Ended { generation, how });
    };
    let thread = thread::Builder::new().name(format!("hot-reload generation {generation}"));
    thread.spawn(turn).map(|_| ()).map_err(|error| {
        killer.kill();
        format!("no thread to wait for it: {error}")
    })
}

#[derive(Debug, Default)]
struct Signs {
    described: bool,
    complete: bool,
}

impl Signs {
    /// A renderer of another version can say no more than which it is.
    fn refuse_protocol(&mut self, segment: &Segment, generation: u32, on: &impl Fn(Event)) {
        let theirs = segment.peer_protocol();
        if self.described || theirs == 0 || theirs == PROTOCOL {
            return;
        }
        let reason = format!(
            "it speaks protocol version {theirs} and this owner version {PROTOCOL}: build both with \
             one version of hot-reload, and start the owner again"
        );
        self.described = true;
        on(Event::Refused { generation, reason });
    }

    fn look(&mut self, segment: &Segment, generation: u32, on: &impl Fn(Event)) {
        if !self.described {
            let phase = segment.phase();
            if phase == Some(Phase::Starting) {
                return;
            }
            self.described = true;
            if let Some(mapping) = segment.mapping() {
                mapping.unlink();
            }
            match phase {
                Some(Phase::Misfit) => on(Event::Misfit { generation }),
                Some(Phase::Refused) => {
                    let reason = description(segment).and_then(|it| it.refused).unwrap_or_default();
                    on(Event::Refused { generation, reason });
                }
                Some(_) => {
                    let notices = description(segment).map(|it| it.notices).unwrap_or_default();
                    on(Event::Attached { generation, notices });
                }
                None => {
                    let reason = "its phase is none".to_owned();
                    on(Event::Fault { generation, reason });
                }
            }
        }
        if !self.complete && (segment.first_frame().is_set() || segment.answered() > 0) {
            self.complete = true;
            on(Event::FirstFrame { generation });
        }
    }
}

/// What a generation says of itself; `None` when that makes no sense.
pub(super) fn description(segment: &Segment) -> Option<Description> {
    serde_json::from_slice(&segment.description()?).ok()
}

/// Unguessable, and at most 30 characters: macOS allows 31.
fn name() -> String {
    let random = RandomState::new().hash_one(std::process::id());
    format!("/hr-{:x}-{random:016x}", std::process::id() & 0xfff_ffff)
}

fn no_memory(name: &str, bytes: usize, error: &dyn std::fmt::Display) -> String {
    format!(
        "there is no shared memory for its segment {name} ({} MiB): {error}; make room in /dev/shm \
         or make it larger (in a container: --shm-size)",
        bytes.div_ceil(1 << 20)
    )
}

const LIBRARY_PATH: &str = match () {
    () if cfg!(windows) => "PATH",
    () if cfg!(target_os = "macos") => "DYLD_FALLBACK_LIBRARY_PATH",
    () => "LD_LIBRARY_PATH",
};

/// The build's own folder, then what the user has set.
fn library_path(folder: &Path) -> std::ffi::OsString {
    let rest = std::env::var_os(LIBRARY_PATH).unwrap_or_default();
    let all = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&rest));
    std::env::join_paths(all).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_short_and_differ() {
        let (one, other) = (super::name(), super::name());
        assert!(one.len() <= 30 && one.starts_with('/'), "{one}");
        assert_ne!(one, other);
    }
}
