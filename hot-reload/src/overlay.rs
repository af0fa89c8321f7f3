//! Stand-in until the overlay is there.

use crate::status::Status;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(crate) struct Overlay;

impl Overlay {
    pub(crate) fn update(&mut self, _: &Arc<Status>, _: Option<Duration>, _: Duration, _: Instant) {}
    pub(crate) fn takes_wheel(&self) -> bool {
        false
    }
    pub(crate) fn scroll(&mut self, _: f32) {}
    pub(crate) fn compose(&mut self, _: &[u32], _: u32, _: u32, _: bool) -> Option<bool> {
        None
    }
    pub(crate) fn pixels(&self) -> &[u32] {
        &[]
    }
}
