//! The overlay: messages that the owner draws over the last good frame when a build runs or fails,
//! or when the renderer has crashed or does not answer.
//!
//! The status and the time decide what is shown, and each message disappears with its cause. Text
//! from compilers and crashed programs is not trusted: its size is bounded. This module does not
//! know what the owner and the window do with the pixels.

mod font;
#[cfg(any(test, fuzzing))]
mod hostile;
mod moment;
mod palette;
mod panel;
mod strip;
mod surface;
mod text;
mod toast;
mod wrap;

#[cfg(any(test, fuzzing))]
pub(crate) use hostile::play;

use crate::status::{Activity, Status};
use font::Face;
use moment::{Corner, Moment, Remark, Subject};
use panel::Panel;
pub(crate) use panel::PanelPart;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
pub(crate) use strip::Drawn;
use strip::Strip;
use surface::Surface;
use toast::Toast;

/// Time for which a recovery and notices, respectively, stay on screen.
const RECOVERED_FOR: Duration = Duration::from_secs(6);
const NOTICES_FOR: Duration = Duration::from_secs(4);
/// Time for which the answer to a key stays on screen.
const ANSWER_FOR: Duration = Duration::from_secs(3);
/// Time for which the summary of a state migration stays on screen.
const MIGRATED_FOR: Duration = Duration::from_secs(2);

/// The messages over the picture, and the composed pixels.
#[derive(Default)]
pub(crate) struct Overlay {
    status: Option<Arc<Status>>,
    /// Times at which the status began to contain these values.
    recovered: Option<Instant>,
    notices: Option<Instant>,
    migrated: Option<Instant>,
    subject: Option<Subject>,
    panel: Option<Panel>,
    /// Notes in the order of `Corner::ALL`; all are empty while there is a panel.
    notes: [Toast; Corner::ALL.len()],
    strip: Strip,
    /// True if a person has put the panel away, until the next failure.
    away: bool,
    /// Text that is shown on request.
    sheet: Option<String>,
    /// True while the application is paused.
    pub(crate) paused: bool,
    /// Keys for the panel, shown in its title.
    pub(crate) keys: String,
    /// Answer to a key, and its time.
    answer: Option<(String, Instant)>,
    /// Scratch space for the words of a note, kept to reuse its memory.
    draft: Remark,
    face: Option<Face>,
    surface: Surface,
    /// True if the content differs from what was composed last.
    changed: bool,
}

impl Overlay {
    /// Decides what to show in this turn. `unanswered` is the time for which the renderer has left
    /// a tick unanswered, `hang_limit` the longest time that it may.
    pub(crate) fn update(
        &mut self,
        status: &Arc<Status>,
        unanswered: Option<Duration>,
        hang_limit: Duration,
        now: Instant,
    ) {
        let other_problem = self.take_status(status, now);
        let news = |since: Option<Instant>, time| {
            since.is_some_and(|since| now.saturating_duration_since(since) < time)
        };
        let recovered = news(self.recovered, RECOVERED_FOR);
        let notices = news(self.notices, NOTICES_FOR);
        let migrated = news(self.migrated, MIGRATED_FOR);
        let (away, sheet) = (self.away, self.sheet.clone());
        let sheet = sheet.as_deref();
        self.answer.take_if(|(_, since)| now.saturating_duration_since(*since) >= ANSWER_FOR);
        let answer = self.answer.clone();
        let answer = answer.as_ref().map(|(words, _)| words.as_str());
        let keys = std::mem::take(&mut self.keys);
        let moment = Moment {
            status,
            unanswered,
            hang_limit,
            now,
            recovered,
            notices,
            migrated,
            away,
            sheet,
            answer,
            paused: self.paused,
            keys: &keys,
        };
        self.update_panel(&moment, other_problem);
        self.update_notes(&moment);
        self.keys = keys;
    }

    /// Removes everything but the strip.
    pub(crate) fn keep_quiet(&mut self) {
        self.subject = None;
        self.changed |= self.panel.take().is_some();
        self.draft.words.clear();
        for note in &mut self.notes {
            self.changed |= note.say(&self.draft);
        }
    }

    /// Shows the strip with this content, or hides it if `None`.
    pub(crate) fn show_strip(&mut self, drawn: Option<Drawn>) {
        self.changed |= self.strip.say(drawn);
    }

    /// Puts the panel away until the next failure, or shows it again. Returns false if there is none.
    pub(crate) fn toggle_panel(&mut self) -> bool {
        let has_problem = self.status.as_ref().is_some_and(|status| status.problem.is_some());
        self.away = has_problem && !self.away;
        has_problem
    }

    /// Shows a text, or removes it if it is shown.
    pub(crate) fn toggle_sheet(&mut self, text: &str) {
        self.sheet = if self.sheet.is_none() { Some(text.to_owned()) } else { None };
    }

    /// Shows words in a corner for a moment.
    pub(crate) fn answer(&mut self, words: String, now: Instant) {
        self.answer = Some((words, now));
    }

    /// Returns the part of the panel at a pixel of the picture, if a click there has a meaning.
    pub(crate) fn at(&self, x: f32, y: f32) -> Option<PanelPart> {
        let part = self.panel.as_ref()?.part_at(x, y)?;
        match self.subject? {
            Subject::Problem => Some(part),
            Subject::Sheet => Some(PanelPart::Sheet),
            // There is nothing to put away or to open yet.
            Subject::Silence { .. } => None,
        }
    }

    /// Returns true if the wheel scrolls the overlay's text in this turn, because not all of it
    /// fits.
    pub(crate) fn takes_wheel(&self) -> bool {
        self.panel.as_ref().is_some_and(|panel| panel.scrollable() > 0)
    }

    /// Scrolls by a number of lines; positive is downwards.
    pub(crate) fn scroll(&mut self, lines: f32) {
        self.changed |= self.panel.as_mut().is_some_and(|panel| panel.scroll(lines));
    }

    /// Draws over a picture of 0RGB pixels and returns whether the composed pixels have changed, or
    /// `None` if there is nothing to show. `fresh` is true if the picture has changed since the
    /// last call.
    pub(crate) fn composite(
        &mut self,
        picture: &[u32],
        width: u32,
        height: u32,
        fresh: bool,
    ) -> Option<bool> {
        let size = (width as usize, height as usize);
        let nothing = self.panel.is_none() && self.notes.iter().all(Toast::is_empty);
        let empty = nothing && !self.strip.is_on();
        if empty || picture.is_empty() || picture.len() != size.0 * size.1 {
            return None;
        }
        if !fresh && !self.changed && self.surface.size() == size {
            return Some(false);
        }
        self.changed = false;
        let face = match self.face.take() {
            Some(face) if face.fits(size) => face,
            _ => Face::fitting(size),
        };
        let above = size.1 - self.strip.height(size.1, &face);
        match &mut self.panel {
            Some(panel) => {
                let area = panel.place((size.0, above), &face);
                self.surface.dim(picture, size, area);
                panel.draw(&mut self.surface, &face);
            }
            None => {
                self.surface.copy(picture, size);
                for (corner, note) in Corner::ALL.into_iter().zip(&self.notes) {
                    note.draw(corner, above, &mut self.surface, &face);
                }
            }
        }
        self.strip.draw(&mut self.surface, &face);
        self.face = Some(face);
        Some(true)
    }

    /// Returns the composed pixels, after a [`compose`](Self::compose) that drew something.
    pub(crate) fn pixels(&self) -> &[u32] {
        self.surface.pixels()
    }

    /// Keeps the status for the next turn and returns whether its problem differs from the last
    /// one.
    fn take_status(&mut self, status: &Arc<Status>, now: Instant) -> bool {
        let last = self.status.as_deref();
        if self.status.as_ref().is_some_and(|last| Arc::ptr_eq(last, status)) {
            return false;
        }
        let recovered = last.and_then(|last| last.recovered.as_ref());
        if recovered != status.recovered.as_ref() {
            self.recovered = status.recovered.as_ref().map(|_| now);
        }
        if last.map_or(&[][..], |last| &last.notices) != status.notices {
            self.notices = (!status.notices.is_empty()).then_some(now);
        }
        if last.and_then(|last| last.migration.as_ref()) != status.migration.as_ref() {
            self.migrated = status.migration.as_ref().map(|_| now);
        }
        let other_problem = last.and_then(|last| last.problem.as_ref()) != status.problem.as_ref();
        let was_building = last.is_some_and(|last| last.activity == Activity::Building);
        let has_built = was_building && status.activity != Activity::Building;
        self.away &= !other_problem && !has_built && status.problem.is_some();
        self.status = Some(Arc::clone(status));
        other_problem
    }

    fn update_panel(&mut self, moment: &Moment<'_>, other_problem: bool) {
        let subject = moment.subject();
        let other = subject != self.subject || other_problem;
        self.subject = subject;
        let Some(subject) = subject else {
            self.changed |= self.panel.take().is_some();
            return;
        };
        let panel = self.panel.get_or_insert_with(|| Panel::new(moment.heading()));
        if other {
            panel.heading = moment.heading();
            panel.rewrite(|text| moment.body(text));
        }
        self.draft.words.clear();
        moment.aside(subject, &mut self.draft.words);
        let (hint, aside) = (moment.hint(), &self.draft.words);
        if panel.hint != hint || panel.aside != *aside {
            panel.hint = hint;
            panel.aside.clone_from(aside);
            self.changed = true;
        }
        self.changed |= other;
    }

    fn update_notes(&mut self, moment: &Moment<'_>) {
        for (corner, note) in Corner::ALL.into_iter().zip(&mut self.notes) {
            self.draft.words.clear();
            if self.panel.is_none() {
                moment.remark(corner, &mut self.draft);
            }
            self.changed |= note.say(&self.draft);
        }
    }
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay")
            .field("subject", &self.subject)
            .field("changed", &self.changed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
