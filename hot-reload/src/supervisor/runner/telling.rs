//! The runner's reports of the status to the main thread and the log.

use super::Runner;
use crate::log;
use crate::status::{Activity, Crash, Problem};
use crate::supervisor::machine::Machine;
use std::time::Instant;

impl Runner {
    /// Returns the place of a panic if the log has just reported the same one before.
    fn again(&mut self, problem: &Problem) -> Option<String> {
        let Problem::Crashed { crash: Crash { panic: Some(panic), .. }, .. } = problem else {
            self.panicked = None;
            return None;
        };
        let before = self.panicked.replace(panic.clone());
        before.filter(|before| before == panic).map(|panic| panic.place)
    }

    /// Tells the main thread and the log about changes of the status.
    pub(super) fn tell(&mut self, machine: &Machine) {
        let mut status = machine.status().clone();
        status.progress = self.progress.clone();
        let root = self.workspaces.as_ref().map(|workspaces| workspaces.own.root.as_path());
        status.workspace = match (&self.told.workspace, root) {
            (Some(told), Some(root)) if **told == *root => Some(told.clone()),
            (_, root) => root.map(Into::into),
        };
        status.debugger = self.hang_rule.is_debugged(Instant::now());
        if let Some(launched) = self.launched.get(&status.generation) {
            status.notices.extend(launched.panics.iter().map(|(_, words)| words.clone()));
        }
        let report = self.report.as_ref().filter(|(drawn, _)| *drawn == status.generation);
        status.migration = report.map(|(_, report)| report.clone());
        status.by_cargo.clone_from(&self.by_cargo);
        let of_generation = status.notices.len();
        // The notices about files have already been logged.
        status.notices.extend(self.notices(status.build));
        if status == self.told {
            return;
        }
        let of_generation = status.notices[..of_generation].iter();
        for notice in of_generation.filter(|notice| !self.told.notices.contains(notice)) {
            log::warn!("generation {}: {notice}", status.generation);
        }
        if without_stack(&status.problem) != without_stack(&self.told.problem) {
            match &status.problem {
                // The compiler's message was logged with the build.
                None | Some(Problem::BuildFailed { .. }) => {}
                Some(problem) => match self.again(problem) {
                    Some(place) => log::error!("it crashed in the same way again, at {place}"),
                    None => log::error!("{problem}"),
                },
            }
        }
        self.log_place(&status);
        if let Some(rescue) = &self.rescue {
            rescue.set_busy(status.activity != Activity::Idle);
        }
        self.told = status.clone();
        self.board.post(status);
    }
}

/// Returns the problem as it is before its stack has been found.
fn without_stack(problem: &Option<Problem>) -> Option<Problem> {
    let mut problem = problem.clone();
    if let Some((_, stack)) = problem.as_mut().and_then(Problem::stack_mut) {
        stack.clear();
    }
    problem
}
