//! The window of a program that was built without a window library: there is none.

use super::development_keys::DevelopmentKeys;
use crate::app::App;
use crate::error::{Error, Result};
use crate::owner::Owner;

/// A window that cannot exist.
#[derive(Debug)]
pub(crate) enum NoWindow {}

impl NoWindow {
    pub(crate) fn open(_title: &str, _width: u32, _height: u32) -> Result<Self> {
        Err(Error::NoWindow("this program was built without a window library".into()))
    }

    pub(crate) fn keys(self, _keys: DevelopmentKeys) -> Self {
        match self {}
    }

    pub(crate) fn turn<A: App>(&mut self, _owner: &mut Owner<A>) -> Result<bool> {
        match *self {}
    }

    pub(crate) fn size(&self) -> (u32, u32) {
        match *self {}
    }
}
