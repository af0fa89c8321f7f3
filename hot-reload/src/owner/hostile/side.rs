//! The peer's writes.

use super::*;

impl Side {
    /// Returns a generation over a segment like real ones, but with smaller frames.
    pub(super) fn new(generation: u32, keep: bool, carried: usize) -> Self {
        let mode = CanvasMode { keep, ..CANVAS };
        let needs = Needs { body: ROOM.max(carried), ..Needs::default() };
        let sizes = match geometry::<Prey>(&shape(), needs, 0, mode) {
            Ok(geometry) => geometry.sizes,
            Err(error) => panic!("{error}"),
        };
        let kept_canvas = sizes.kept_canvas.min(LARGEST * 4);
        let commit = sizes.commit - sizes.kept_canvas + kept_canvas;
        let sizes = Sizes { frame: LARGEST * 4 + 128, commit, kept_canvas, ..sizes };
        let Some(geometry) = Geometry::new(sizes) else { panic!("{sizes:?}") };
        let segment = Segment::initialise(Memory::heap(geometry.total), geometry, generation);
        let mut commander = Commander::default();
        segment.command(&mut commander, Command::Rehearse);
        Side {
            generation,
            commander,
            monitor: Monitor::default(),
            frames: FrameWriter::new(segment.clone()),
            commits: CommitWriter::new(segment.clone()),
            to_owner: Writer::new(segment.clone(), Channel::ToOwner),
            requests: Writer::new(segment.clone(), Channel::Requests),
            segment,
        }
    }

    /// Writes random bytes over the whole segment.
    pub(super) fn scribble(&self, seed: u64, count: usize) {
        let mut random = seed | 1;
        for _ in 0..count % 512 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            self.segment.scribble(random, random.rotate_left(32));
        }
    }

    /// Writes a description: a correct one with some numbers and texts changed, or arbitrary bytes.
    pub(super) fn describe(&self, script: &mut Script<'_>, tick: u64) {
        let phase = u64::from(script.byte() % 9);
        let mut body = shape();
        let kind = script.byte();
        let mut number = || usize::try_from(script.nasty(tick)).unwrap_or(usize::MAX);
        if kind & 1 > 0 {
            let bytes = OwnedLayout::from(u8::LAYOUT).array_of(number());
            body.state = bytes.unwrap_or(body.state);
        }
        if kind & 2 > 0 {
            let name = "heights".to_owned();
            let element = u8::LAYOUT.into();
            let buffer = hot_reload_pod::internal::BufferShape { name, element, len: number() };
            body.buffers = vec![buffer; 1 + number() % 3];
        }
        if kind & 4 > 0 {
            body.state = u64::LAYOUT.into();
        }
        let mut description = RendererInfo::refused("\u{1b}[31mno".repeat(usize::from(kind)));
        description.body = Some(body);
        // Seldom more than there is room for, since most of the time would go into writing them.
        let most = if kind & 96 == 96 { 64 } else { 4 };
        description.notices = vec!["\u{202e}".repeat(number() % 3000); number() % most];
        let json = serde_json::to_vec(&description).unwrap_or_default();
        let json = if kind & 8 > 0 { script.bytes() } else { json };
        // A layout whose parts are at arbitrary offsets.
        let json = match String::from_utf8(json) {
            Ok(text) if kind & 16 > 0 => {
                let (size, offset) = (script.nasty(tick), script.nasty(tick));
                let text = text.replacen("\"size\":8", &format!("\"size\":{size}"), 1);
                text.replace("\"offset\":8", &format!("\"offset\":{offset}")).into_bytes()
            }
            Ok(text) => text.into_bytes(),
            Err(bytes) => bytes.into_bytes(),
        };
        let _ = self.segment.write_description(&json);
        self.segment.write_phase(phase);
    }

    /// Publishes a frame correctly, of any size and tick.
    pub(super) fn draw(&mut self, script: &mut Script<'_>, tick: u64) {
        let (width, height) = (script.narrow(tick), script.narrow(tick));
        let tick = script.nasty(tick);
        let _ = self.frames.publish(FrameHead { tick, width, height });
    }

    /// Publishes a commit correctly, with any head and an almost correct state.
    pub(super) fn commit(&mut self, script: &mut Script<'_>, tick: u64) {
        let kind = script.byte();
        let len = shape().canvas_at(0);
        let place = self.commits.body(len);
        State::default().write_bytes(&mut place[..size_of::<State>()]);
        if kind & 1 > 0 {
            place[usize::from(script.byte()) % len] = script.byte();
        }
        let mut head =
            CommitHead { tick, received: 0, body: len as u64, parked: 0, canvas: (0, 0) };
        if kind & 2 > 0 {
            head.tick = script.nasty(tick);
        }
        if kind & 4 > 0 {
            head.received = script.nasty(tick);
        }
        if kind & 8 > 0 {
            head.canvas = (script.narrow(tick), script.narrow(tick));
            let pixels = u64::from(head.canvas.0).wrapping_mul(u64::from(head.canvas.1));
            head.body = head.body.wrapping_add(pixels.wrapping_mul(4));
        }
        if kind & 16 > 0 {
            head.body = script.nasty(tick);
        }
        if kind & 32 > 0 {
            head.parked = script.nasty(tick);
            head.body = head.body.wrapping_add(head.parked / 128 * 128);
        }
        let _ = self.commits.publish(head);
    }

    /// Publishes records correctly, with arbitrary bytes.
    pub(super) fn send(&mut self, script: &mut Script<'_>) {
        let to_owner = script.byte().is_multiple_of(2);
        let sizes = self.segment.sizes();
        let (writer, size) = match to_owner {
            true => (&mut self.to_owner, sizes.to_owner),
            false => (&mut self.requests, sizes.request),
        };
        let mut record = vec![0; size];
        // Almost a value: hardly any record of random bytes would be valid.
        for (at, byte) in (0..size).zip(script.bytes()) {
            record[at] = byte;
        }
        writer.write(u32::from(script.byte()), &record);
        writer.publish(u32::from(script.byte() % 8));
    }
}
