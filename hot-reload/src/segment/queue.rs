//! The four rings of a segment, with their records as bytes.

use super::Segment;
use super::geometry::{Geometry, QUEUE, REQUESTS, Section, TICKS};
use super::header::{Header, Positions};
use super::mailbox::Nonsense;
use super::ring::{Consumer, Producer};
use std::sync::Arc;

/// Selects one of the rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Tick records, owner to renderer.
    Ticks,
    /// The application's messages, owner to renderer.
    ToRenderer,
    /// The application's messages, renderer to owner.
    ToOwner,
    /// Built-in requests, renderer to owner.
    Requests,
}

impl Channel {
    fn capacity(self) -> u32 {
        match self {
            Channel::Ticks => TICKS,
            Channel::ToRenderer | Channel::ToOwner => QUEUE,
            Channel::Requests => REQUESTS,
        }
    }

    fn positions(self, header: &Header) -> &Positions {
        match self {
            Channel::Ticks => &header.ticks,
            Channel::ToRenderer => &header.to_renderer,
            Channel::ToOwner => &header.to_owner,
            Channel::Requests => &header.requests,
        }
    }

    fn section(self, geometry: &Geometry) -> (Section, usize) {
        match self {
            Channel::Ticks => (geometry.ticks, geometry.sizes.tick),
            Channel::ToRenderer => (geometry.to_renderer, geometry.sizes.to_renderer),
            Channel::ToOwner => (geometry.to_owner, geometry.sizes.to_owner),
            Channel::Requests => (geometry.requests, geometry.sizes.request),
        }
    }
}

/// The writing end of a ring.
#[derive(Debug)]
pub(crate) struct Writer {
    segment: Arc<Segment>,
    channel: Channel,
    producer: Producer,
}

impl Writer {
    pub(crate) fn new(segment: Arc<Segment>, channel: Channel) -> Self {
        Writer { segment, channel, producer: Producer::new(channel.capacity()) }
    }

    /// Returns the number of records that there is room for.
    pub(crate) fn free(&self) -> Result<u32, Nonsense> {
        self.producer.free(&self.channel.positions(self.segment.header()).head.0)
    }

    /// Writes the record at `ahead` places after the first free one; it is not visible yet.
    pub(crate) fn write(&self, ahead: u32, record: &[u8]) {
        let (section, size) = self.channel.section(&self.segment.geometry);
        let place = section.record(self.producer.place(ahead), size);
        self.segment.memory.copy_in(place, record);
    }

    /// Makes `count` written records visible together.
    pub(crate) fn publish(&mut self, count: u32) {
        self.producer.publish(&self.channel.positions(self.segment.header()).tail.0, count);
    }
}

/// The reading end of a ring.
#[derive(Debug)]
pub(crate) struct Reader {
    segment: Arc<Segment>,
    channel: Channel,
    consumer: Consumer,
}

impl Reader {
    pub(crate) fn new(segment: Arc<Segment>, channel: Channel) -> Self {
        Reader { segment, channel, consumer: Consumer::new(channel.capacity()) }
    }

    /// Returns the number of records that can be read.
    pub(crate) fn available(&self) -> Result<u32, Nonsense> {
        self.consumer.available(&self.channel.positions(self.segment.header()).tail.0)
    }

    /// Reads the next record once, into a private copy, and releases its place.
    pub(crate) fn read(&mut self, record: &mut [u8]) {
        let (section, size) = self.channel.section(&self.segment.geometry);
        let place = section.record(self.consumer.place(0), size);
        self.segment.memory.copy_out(place, record);
        self.consumer.release(&self.channel.positions(self.segment.header()).head.0, 1);
    }
}
