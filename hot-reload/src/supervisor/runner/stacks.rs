//! The runner's part in stack traces: asks for one before a kill, and reads them on a thread.

use super::Runner;
use crate::handshake::environment::trace_file;
use crate::status::{Problem, StackFrame, Status};
use crate::supervisor::{Message, machine::Event, stack};
use crate::threads::spawn;
use std::thread;
use std::time::{Duration, Instant};

impl Runner {
    /// Asks a generation that hangs for its stack, before it is killed, and waits briefly for it. A
    /// stopped one does not answer.
    pub(super) fn trace(&self, generation: u32) {
        const LONGEST: Duration = Duration::from_millis(150);
        let (Some(folder), Some(launched)) = (&self.folder, self.launched.get(&generation)) else {
            return;
        };
        let file = trace_file(folder.path(), generation);
        let begun = Instant::now();
        launched.ask_for_trace();
        // A later one is read when the generation has ended.
        while stack::Trace::read(&file).is_none() && begun.elapsed() < LONGEST {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Logs once where a generation was when it failed; not again if the next one fails there, too,
    /// until all is well.
    pub(super) fn log_place(&mut self, status: &Status) {
        if status.problem.is_none() && status.recovered.is_none() {
            self.placed.1.clear();
        }
        let problems = [&status.problem, &status.recovered].into_iter().flatten();
        let found = problems.filter_map(Problem::stack).find(|(_, stack)| !stack.is_empty());
        let Some((generation, place)) = found.and_then(|(of, stack)| Some((of, place_of(stack)?)))
        else {
            return;
        };
        let (last, before) = &mut self.placed;
        let is_known = *last >= generation || *before == place;
        if !is_known {
            crate::log::error!("generation {generation} was at {place}");
        }
        (*last, *before) = (generation.max(*last), place);
    }

    /// Reads the trace that a generation has left, if there is one, and finds its functions and
    /// lines on a thread: that takes longer than a recovery.
    pub(super) fn locate(&self, generation: u32) {
        let Some(folder) = &self.folder else { return };
        let file = trace_file(folder.path(), generation);
        if !file.exists() {
            return;
        }
        let root = self.workspaces.as_ref().map(|workspaces| workspaces.own.root.clone());
        let events = self.events.clone();
        // Without a thread nothing is known of the place.
        let _ = spawn("hot-reload stack", move || {
            let trace = stack::Trace::read(&file);
            let _ = std::fs::remove_file(&file);
            let stack = trace.map(|trace| stack::resolve(&trace, root.as_deref()));
            let stack = stack.unwrap_or_default();
            if !stack.is_empty() {
                let _ = events.send(Message::Event(Event::Located { generation, stack }));
            }
        });
    }
}

/// Returns where a generation was when it failed, in words.
fn place_of(stack: &[StackFrame]) -> Option<String> {
    let mut own = stack.iter().filter(|frame| frame.is_own);
    let first = own.next().or(stack.first())?;
    let callers = own.take(2).map(|frame| format!(", called from {frame}"));
    Some(format!("{first}{}", callers.collect::<String>()))
}
