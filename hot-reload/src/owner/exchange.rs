//! The private half of a turn: exchange with the supervisor and the renderer.

use super::{Backend, Owner, fitting};
use crate::app::App;
use crate::generation::{GenerationChange, NewSession, REPORTED_AFTER, Session};
use crate::handshake::MESSAGE_HEAD;
#[cfg(feature = "owner")]
use crate::input::Input;
use crate::request::{RequestRecord, TickRate};
use crate::segment::Nonsense;
use crate::status::ReloadEvent;
use hot_reload_pod::internal::{blank, load};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Remedy if there is no memory for a canvas. Without hot mode the memory is the heap.
#[cfg(feature = "owner")]
use crate::sys::MORE_SHARED_MEMORY;
#[cfg(not(feature = "owner"))]
const MORE_SHARED_MEMORY: &str = "end programs that use much memory";

impl<A: App> Owner<A> {
    /// Takes the backend's news: a panic, a new status, a new generation.
    pub(super) fn poll_backend(&mut self) {
        let status = self.board.latest();
        if !Arc::ptr_eq(&status, &self.told) {
            self.status = status.clone();
            self.told = status;
            self.merged.clear();
        }
        self.poll_modules();
        match &mut self.backend {
            Backend::Thread(thread) => {
                self.running &= thread.is_running();
                if let Some(taken) = thread.taken() {
                    let mut status = (*self.told).clone();
                    (status.notices, status.migration) =
                        (taken.notices, taken.report.map(Arc::new));
                    self.board.post(status);
                }
            }
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => {
                let generation_changes = supervisor.generation_changes();
                self.record_picture();
                for generation_change in generation_changes {
                    self.open(generation_change);
                }
            }
        }
    }

    /// Returns the number of asset changes since the start.
    pub(super) fn assets(&self) -> u64 {
        match &self.backend {
            // One process watches nothing.
            Backend::Thread(_) => 0,
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => supervisor.assets(),
        }
    }

    /// Continues with another generation, which receives everything that its state has not seen.
    pub(super) fn open(&mut self, generation_change: GenerationChange) {
        #[cfg(feature = "owner")]
        let generation_change = match generation_change {
            GenerationChange::Drawn(reload) => {
                self.history.push(*reload);
                return self.record_picture();
            }
            GenerationChange::TooSlow { answered } => return self.shorten(answered),
            GenerationChange::Resumed(time) => return self.assembler.set_time(time),
            generation_change => generation_change,
        };
        // Keep the last messages and the last frame of the previous generation.
        let last = self.take_everything();
        let before = self.session.take();
        match generation_change {
            #[cfg(feature = "owner")]
            GenerationChange::LetGo => {
                before.into_iter().chain(self.parked.take()).for_each(Session::let_go);
            }
            GenerationChange::New(new) => {
                // A generation whose last words made no sense cannot be put back.
                let parks = new.parks && last.is_ok();
                let (parked, gone) = if parks { (before, None) } else { (None, before) };
                let gone = gone.into_iter().chain(std::mem::replace(&mut self.parked, parked));
                gone.for_each(Session::let_go);
                self.open_new(new);
            }
            GenerationChange::Resume { generation, from } => {
                before.into_iter().for_each(Session::let_go);
                let parked = self.parked.take();
                let Some(parked) = parked.filter(|it| it.generation == generation) else {
                    #[cfg(feature = "owner")]
                    if let Backend::Supervisor(supervisor) = &self.backend {
                        let reason = "its queues were damaged when it was put aside".to_owned();
                        supervisor.fault(generation, reason);
                    }
                    return;
                };
                self.outgoing.committed(from.0, from.1);
                self.outgoing.resume(&parked);
                self.session = Some(parked);
            }
            #[cfg(feature = "owner")]
            GenerationChange::Drawn(_)
            | GenerationChange::TooSlow { .. }
            | GenerationChange::Resumed(_) => {}
        }
    }

    /// Shortens the tick that took too long before it is repeated.
    #[cfg(feature = "owner")]
    fn shorten(&mut self, answered: u64) {
        if let Some((tick, lost)) = self.outgoing.shorten(answered) {
            self.note(format_args!(
                "tick {tick} took too long: it is repeated with one period of the tick rate, and \
                 {lost:.0?} of its time is lost"
            ));
            self.board.tell(ReloadEvent::TickShortened { tick, lost });
        }
    }

    /// Records when the picture's generation was first seen and first presented.
    pub(super) fn record_picture(&mut self) {
        if let Some((generation, taken, asked)) = self.shown.seen() {
            self.history.seen(generation, taken, asked);
        }
    }

    fn open_new(&mut self, new: NewSession) {
        let (tick, received) = new.from;
        self.outgoing.committed(tick, received);
        if let Some((tick, what)) = new.skip.and_then(|answered| self.outgoing.skip(answered)) {
            self.note(format_args!(
                "the input of tick {tick} has killed two generations and is left out: {what}"
            ));
            self.board.tell(ReloadEvent::InputSkipped { tick, what });
            self.commit_copier.commit_store().limit_messages(self.outgoing.messages());
        }
        self.outgoing.rewind();
        self.pause.redraws = true;
        self.session = Some(Session::new(new));
    }

    /// Takes everything that a generation leaves before the next one follows.
    fn take_everything(&mut self) -> Result<(), Nonsense> {
        self.receive()?;
        self.take_requests()?;
        self.acquire()
    }

    /// Takes the newest frame, if there is a new one.
    fn acquire(&mut self) -> Result<(), Nonsense> {
        if let Some(session) = &mut self.session
            && let Some(head) = session.acquire(&mut self.shown.pixels)?
        {
            (self.shown.width, self.shown.height) = (head.width, head.height);
            self.shown.drawn_by(session.generation);
            self.shown.tick = head.tick;
            self.shown.unseen = true;
        }
        Ok(())
    }

    /// Checks how long the renderer has left ticks unanswered.
    pub(super) fn watch_over(&mut self, passed: Duration) {
        let start = self.deadlines.start;
        let waited = self.session.as_mut().map(|session| session.unanswered(passed, start));
        let waited = waited.transpose().unwrap_or_else(|nonsense| {
            self.fault(nonsense);
            None
        });
        let waited = waited.filter(|waited| *waited >= REPORTED_AFTER);
        #[cfg(feature = "owner")]
        if let (Backend::Supervisor(supervisor), Some(session), Some(waited)) =
            (&self.backend, &mut self.session, waited)
            && session.watchdog.reports(Instant::now())
        {
            // As it was at the look, which has checked it: the renderer may write it at any time.
            let answered = session.watchdog.answered();
            supervisor.unanswered(session.generation, answered, waited);
        }
        self.unanswered(waited);
    }

    /// Gives the wheel to the overlay if its text does not fit.
    #[cfg(feature = "owner")]
    pub(super) fn scroll_overlay(&mut self, mut input: Input) -> Input {
        const LINES: f32 = 3.0;
        if self.top().covered && self.overlay.takes_wheel() {
            self.overlay.scroll(-LINES * input.mouse.wheel_y);
            (input.mouse.wheel_x, input.mouse.wheel_y) = (0.0, 0.0);
        }
        input
    }

    /// Draws the overlay over the picture. Returns whether the visible picture has changed.
    pub(super) fn composite(&mut self, new: bool, now: Instant) -> bool {
        #[cfg(feature = "owner")]
        if matches!(self.backend, Backend::Supervisor(_)) {
            let was = self.top().covered;
            self.overlay.paused = self.pause.is_on;
            match self.overlay_on {
                true => {
                    let limit = self.deadlines.tick;
                    self.overlay.update(&self.status, self.status.unanswered, limit, now);
                }
                false => self.overlay.keep_quiet(),
            }
            let drawn = self.strip_on.then(|| self.drawn());
            self.overlay.show_strip(drawn);
            let shown = self.layers.as_mut().map_or(&mut self.shown, |layers| &mut layers.picture);
            let (width, height) = (shown.width, shown.height);
            let changed = self.overlay.composite(&shown.pixels, width, height, new);
            shown.covered = changed.is_some();
            return changed.unwrap_or(false) || was != shown.covered;
        }
        let _ = (new, now, self.overlay_on, self.strip_on, self.deadlines);
        false
    }

    /// Exchanges everything with the renderer. Returns whether there is a new picture.
    pub(super) fn exchange(&mut self) -> Result<bool, Nonsense> {
        self.committed = self.commit_copier.commit_store().latest();
        let Some(session) = &mut self.session else {
            return Ok(false);
        };
        // The previous generation cannot be put back any more: release its segment and its pipe.
        if session.is_accepted() {
            self.parked.take().into_iter().for_each(Session::let_go);
        }
        // A commit of an earlier generation does not tell what this one was given, and a commit
        // that is not final yet may have to be undone.
        if self.committed.generation == session.generation && session.is_accepted() {
            self.outgoing.committed(self.committed.head.tick, self.committed.head.received);
        }
        if self.outgoing.feed(session)? {
            session.wake.wake(&session.segment);
        }
        self.commit_copier.poke(&session.segment);
        self.acquire()?;
        self.report_room();
        self.take_requests()?;
        Ok(std::mem::take(&mut self.shown.unseen))
    }

    fn take_requests(&mut self) -> Result<(), Nonsense> {
        let requests = self.session.as_mut().map(|session| &mut session.requests);
        let waiting = requests.map_or(Ok(0), |requests| requests.available())?;
        for _ in 0..waiting {
            let Some(session) = &mut self.session else { break };
            self.scratch.resize(size_of::<RequestRecord>(), 0);
            session.requests.read(&mut self.scratch);
            let mut record = RequestRecord::Quit;
            load(&mut record, &self.scratch).map_err(|_| Nonsense(0))?;
            self.requested(record);
        }
        Ok(())
    }

    /// Fulfils a request of any part, as far as that is the owner's work.
    pub(super) fn requested(&mut self, record: RequestRecord) {
        match record {
            RequestRecord::Quit => self.running = false,
            RequestRecord::Fail(error) => {
                self.running = false;
                self.failure = Some(error.as_str().to_owned());
            }
            RequestRecord::TickRate(ticks) => self.tick_rate = TickRate::per_second(ticks),
            RequestRecord::Redraw(after) => {
                let at = Instant::now().checked_add(Duration::from_nanos(after));
                self.redraw_at = self.redraw_at.into_iter().chain(at).min();
            }
            _ => {}
        }
        self.requests[record.kind()] = Some(record);
    }

    /// Takes the messages that have arrived, except those of ticks that were handed out before.
    pub(super) fn receive(&mut self) -> Result<(), Nonsense> {
        let now = self.sent;
        let Some(reader) = self.session.as_mut().and_then(|session| session.to_owner.as_mut())
        else {
            return Ok(());
        };
        let before = self.handed_out;
        for _ in 0..reader.available()? {
            self.scratch.resize(MESSAGE_HEAD + size_of::<A::ToOwner>(), 0);
            reader.read(&mut self.scratch);
            let (head, bytes) = self.scratch.split_at(MESSAGE_HEAD);
            let [tick, answers] = bytemuck::pod_read_unaligned::<[u64; 2]>(head);
            let mut message = blank();
            if tick > now || load(&mut message, bytes).is_err() {
                return Err(Nonsense(0));
            }
            if tick > before {
                self.handed_out = tick;
                match &mut self.question {
                    Some(question) if question.takes(answers) => question.answer = Some(message),
                    _ => self.inbox.push_back(message),
                }
            }
        }
        Ok(())
    }

    /// Returns the size of the canvas for a window, clamped to the reserved address space.
    pub(super) fn canvas_size(&mut self, window: (u32, u32)) -> (u32, u32) {
        let wanted = self.fixed_canvas.unwrap_or((window.0.max(1), window.1.max(1)));
        let fitting = fitting(wanted);
        self.set_canvas(fitting);
        if fitting != wanted && self.clamped != Some(wanted) {
            self.clamped = Some(wanted);
            self.note(format_args!(
                "a canvas of {} × {} pixels is larger than 8K: it is drawn at {} × {} and scaled",
                wanted.0, wanted.1, fitting.0, fitting.1
            ));
        }
        fitting
    }

    /// Tells the supervisor which canvas size the next generation starts with.
    pub(super) fn set_canvas(&self, canvas: (u32, u32)) {
        #[cfg(feature = "owner")]
        if let Backend::Supervisor(supervisor) = &self.backend {
            supervisor.set_canvas(canvas);
        }
        let _ = canvas;
    }

    fn report_room(&mut self) {
        let Some(session) = &mut self.session else {
            return;
        };
        if let Some(error) = session.no_room.take() {
            self.note(format_args!(
                "there is no shared memory for a larger canvas ({error}): it keeps its size and is \
                 scaled; {MORE_SHARED_MEMORY}"
            ));
        }
    }

    /// Drops a generation whose data makes no sense.
    pub(super) fn fault(&mut self, Nonsense(word): Nonsense) {
        let Some(session) = self.session.take() else {
            return;
        };
        match &mut self.backend {
            // The renderer is this process: only a bug gets here.
            Backend::Thread(_) => self.running = false,
            #[cfg(feature = "owner")]
            Backend::Supervisor(supervisor) => {
                let reason = format!("its segment is damaged (read {word:#x})");
                supervisor.fault(session.generation, reason);
            }
        }
        #[cfg(not(feature = "owner"))]
        let _ = word;
        session.let_go();
    }

    /// Reports `what` once, in the log if there is one.
    fn note(&self, what: std::fmt::Arguments<'_>) {
        #[cfg(feature = "owner")]
        crate::log::warn!("{what}");
        #[cfg(not(feature = "owner"))]
        eprintln!("hot-reload: {what}");
    }
}
