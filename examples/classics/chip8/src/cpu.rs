//! The machine: memory, registers, a screen of 64 by 32 pixels, and thirty-four instructions.
//!
//! Instructions follow the tables of Cowgod's reference and of the original interpreter's manual
//! (RCA COSMAC VIP, 1977). Where these differ, shifts read `vx`, `i` is unchanged, and pictures are
//! cut at the screen's edge. Calls of the original's machine code (`0nnn`) are not supported.

use crate::font;
use hot_reload::{FixedString, FixedVec, SharedState, collections::FixedOption};

/// Address at which programs begin.
const BEGIN: u16 = 0x200;

/// The complete state of the machine.
#[derive(Debug, Clone, Copy, PartialEq, SharedState)]
#[repr(C)]
pub struct Machine {
    /// Memory with programs, numbers and pictures.
    pub memory: [u8; 4096],
    /// Registers `v0` to `vf`.
    pub v: [u8; 16],
    /// Address register.
    pub i: u16,
    /// Address of the next instruction.
    pub pc: u16,
    /// Return addresses of subroutines.
    pub stack: FixedVec<u16, 16>,
    /// Delay timer, which counts down sixty times per second.
    pub delay: u8,
    /// Sound timer, which counts down at the same rate; the machine beeps until it is zero.
    pub sound: u8,
    /// Rows of the screen; the leftmost pixel is the highest bit.
    pub rows: [u64; 32],
    /// Keys that are down.
    pub keys: [bool; 16],
    /// Register that waits for a key.
    pub waiting: FixedOption<u8>,
    /// State of the random number generator.
    pub chance: u64,
    /// Number of instructions since the program began.
    pub instructions: u64,
    /// Reason why the machine has stopped; empty while it runs.
    pub stopped: FixedString<64>,
    /// Number of the cartridge; 0 if there is none.
    pub program: u32,
}

impl Default for Machine {
    fn default() -> Self {
        Machine {
            memory: [0; 4096],
            v: [0; 16],
            i: 0,
            pc: BEGIN,
            stack: FixedVec::new(),
            delay: 0,
            sound: 0,
            rows: [0; 32],
            keys: [false; 16],
            waiting: FixedOption::None,
            chance: 0,
            instructions: 0,
            stopped: FixedString::new(),
            program: 0,
        }
    }
}

impl Machine {
    /// Inserts another program and starts it.
    ///
    /// # Panics
    /// Panics if the program is longer than the memory.
    pub fn insert(&mut self, name: u32, program: &[u16]) {
        *self = Machine { program: name, chance: self.chance, ..Machine::default() };
        let at = usize::from(font::AT);
        self.memory[at..at + font::FONT.len()].copy_from_slice(&font::FONT);
        let places = self.memory[usize::from(BEGIN)..].chunks_exact_mut(2);
        assert!(program.len() <= places.len(), "a program of {} words", program.len());
        for (place, word) in places.zip(program) {
            place.copy_from_slice(&word.to_be_bytes());
        }
    }

    /// Counts the timers down, once every sixtieth of a second.
    pub fn count_down(&mut self) {
        self.delay = self.delay.saturating_sub(1);
        self.sound = self.sound.saturating_sub(1);
    }

    /// Executes one instruction.
    pub fn step(&mut self) {
        if !self.stopped.is_empty() {
            return;
        }
        if let FixedOption::Some(register) = self.waiting {
            let Some(key) = self.keys.iter().position(|down| *down) else { return };
            self.v[usize::from(register)] = low(key);
            self.waiting = FixedOption::None;
        }
        let at = self.pc;
        let word = u16::from_be_bytes([self.read(at), self.read(at + 1)]);
        self.pc = (at + 2) & 0xfff;
        self.instructions += 1;
        if self.execute(word).is_none() {
            let _ = self.stopped.push_str(&format!("{word:04x} at {at:03x}"));
        }
    }

    /// Executes an instruction. Returns `None` if it is invalid, or if the stack overflows or
    /// underflows.
    fn execute(&mut self, word: u16) -> Option<()> {
        let [high, byte] = word.to_be_bytes();
        let (x, y, n) = (usize::from(high & 0xf), usize::from(byte >> 4), byte & 0xf);
        let address = word & 0xfff;
        let (vx, vy) = (self.v[x], self.v[y]);
        match (high >> 4, n, byte) {
            (0x0, _, 0xe0) if x == 0 => self.rows = [0; 32],
            (0x0, _, 0xee) if x == 0 => self.pc = self.stack.pop()?,
            (0x1, ..) => self.pc = address,
            (0x2, ..) => {
                self.stack.push(self.pc).ok()?;
                self.pc = address;
            }
            (0x3, ..) => self.skip(vx == byte),
            (0x4, ..) => self.skip(vx != byte),
            (0x5, 0, _) => self.skip(vx == vy),
            (0x6, ..) => self.v[x] = byte,
            (0x7, ..) => self.v[x] = vx.wrapping_add(byte),
            (0x8, ..) => self.calculate(x, vx, vy, n)?,
            (0x9, 0, _) => self.skip(vx != vy),
            (0xa, ..) => self.i = address,
            (0xb, ..) => self.pc = (address + u16::from(self.v[0])) & 0xfff,
            (0xc, ..) => self.v[x] = self.random() & byte,
            (0xd, ..) => self.draw(vx, vy, n),
            (0xe, _, 0x9e) => self.skip(self.keys[usize::from(vx & 0xf)]),
            (0xe, _, 0xa1) => self.skip(!self.keys[usize::from(vx & 0xf)]),
            (0xf, ..) => self.rest(x, vx, byte)?,
            _ => return None,
        }
        Some(())
    }

    fn calculate(&mut self, x: usize, vx: u8, vy: u8, n: u8) -> Option<()> {
        let (result, flag) = match n {
            0x0 => (vy, None),
            0x1 => (vx | vy, None),
            0x2 => (vx & vy, None),
            0x3 => (vx ^ vy, None),
            0x4 => (vx.wrapping_add(vy), Some(vx.checked_add(vy).is_none())),
            0x5 => (vx.wrapping_sub(vy), Some(vx >= vy)),
            0x6 => (vx >> 1, Some(vx & 1 == 1)),
            0x7 => (vy.wrapping_sub(vx), Some(vy >= vx)),
            0xe => (vx << 1, Some(vx & 0x80 != 0)),
            _ => return None,
        };
        self.v[x] = result;
        if let Some(flag) = flag {
            self.v[0xf] = u8::from(flag);
        }
        Some(())
    }

    fn rest(&mut self, x: usize, vx: u8, byte: u8) -> Option<()> {
        match byte {
            0x07 => self.v[x] = self.delay,
            0x0a => self.waiting = FixedOption::Some(low(x)),
            0x15 => self.delay = vx,
            0x18 => self.sound = vx,
            0x1e => self.i = (self.i + u16::from(vx)) & 0xfff,
            0x29 => self.i = font::AT + font::BYTES * u16::from(vx & 0xf),
            0x33 => {
                for (place, digit) in (0..).zip([vx / 100, vx / 10 % 10, vx % 10]) {
                    self.write(self.i + place, digit);
                }
            }
            0x55 => (0..).zip(self.v).take(x + 1).for_each(|(at, v)| self.write(self.i + at, v)),
            0x65 => {
                for register in 0..=x {
                    self.v[register] = self.read(self.i + u16::from(low(register)));
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn skip(&mut self, skips: bool) {
        self.pc = (self.pc + 2 * u16::from(skips)) & 0xfff;
    }

    /// Flips the pixels of a picture that is eight columns wide. Sets `vf` to 1 if a lit pixel went
    /// dark.
    fn draw(&mut self, vx: u8, vy: u8, height: u8) {
        let (column, top) = (u32::from(vx % 64), usize::from(vy % 32));
        self.v[0xf] = 0;
        for line in 0..u16::from(height) {
            let pixels = u64::from(self.read(self.i + line)) << 56 >> column;
            // Rows below the screen are cut off.
            let Some(row) = self.rows.get_mut(top + usize::from(line)) else { break };
            self.v[0xf] |= u8::from(*row & pixels != 0);
            *row ^= pixels;
        }
    }

    /// Returns a random number by xorshift (Marsaglia, 2003).
    fn random(&mut self) -> u8 {
        self.chance |= u64::from(self.chance == 0);
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance.to_be_bytes()[0]
    }

    fn read(&self, address: u16) -> u8 {
        self.memory[usize::from(address & 0xfff)]
    }

    fn write(&mut self, address: u16, byte: u8) {
        self.memory[usize::from(address & 0xfff)] = byte;
    }
}

/// Returns the number of a register or a key.
fn low(number: usize) -> u8 {
    u8::try_from(number & 0xf).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rom;

    fn run(program: &[u16]) -> Machine {
        let mut machine = Machine::default();
        machine.insert(1, program);
        for _ in program {
            machine.step();
        }
        machine
    }

    #[test]
    fn registers_are_calculated_with_and_the_last_is_the_flag() {
        let table: [(&[u16], u8, u8); 9] = [
            (&[0x60ff, 0x7002], 0x01, 0),
            (&[0x60f0, 0x6120, 0x8014], 0x10, 1),
            (&[0x6005, 0x6103, 0x8015], 2, 1),
            (&[0x6003, 0x6105, 0x8015], 0xfe, 0),
            (&[0x6003, 0x6105, 0x8017], 2, 1),
            (&[0x6005, 0x8006], 2, 1),
            (&[0x6081, 0x800e], 2, 1),
            (&[0x600c, 0x610a, 0x8011], 0x0e, 0),
            (&[0x600c, 0x610a, 0x8013], 0x06, 0),
        ];
        for (program, result, flag) in table {
            let machine = run(program);
            assert_eq!((machine.v[0], machine.v[0xf]), (result, flag), "{program:x?}");
        }
    }

    #[test]
    fn skips_calls_and_jumps_lead_to_where_they_say() {
        // Skips the third word; calls the sixth, which returns to the fifth.
        let machine = run(&[0x6007, 0x3007, 0x6001, 0x220a, 0x6102, 0x6203, 0x00ee]);
        assert_eq!((machine.v[0], machine.v[1], machine.v[2]), (7, 2, 3));
        assert!(machine.stack.is_empty() && machine.stopped.is_empty(), "{}", machine.stopped);
    }

    #[test]
    fn what_is_drawn_twice_is_gone_and_told() {
        let drawn = run(&[0x6000, 0xf029, 0xd005]);
        assert_eq!(drawn.rows[0] >> 60, 0xf);
        assert_eq!(drawn.v[0xf], 0);
        let twice = run(&[0x6000, 0xf029, 0xd005, 0xd005]);
        assert_eq!((twice.rows, twice.v[0xf]), ([0; 32], 1));
    }

    #[test]
    fn numbers_are_stored_as_digits_and_loaded() {
        let machine = run(&[0x60ea, 0xa300, 0xf033, 0xf265]);
        assert_eq!(machine.v[..3], [2, 3, 4]);
    }

    #[test]
    fn a_key_is_waited_for() {
        let mut machine = run(&[0xf30a, 0x6101]);
        assert_eq!(machine.v[1], 0);
        machine.keys[9] = true;
        machine.step();
        assert_eq!((machine.v[3], machine.v[1]), (9, 1));
    }

    #[test]
    fn what_is_no_instruction_stops_the_machine_and_says_where() {
        assert_eq!(run(&[0x6001, 0xffff]).stopped.as_str(), "ffff at 202");
        assert_eq!(run(&[0x00ee]).stopped.as_str(), "00ee at 200", "nothing to return to");
        assert_eq!(run(&[0x2200; 17]).stopped.as_str(), "2200 at 200", "the stack is full");
        assert_eq!(run(&[0x1fff, 0]).stopped.as_str(), "0000 at fff", "the memory's end");
    }

    #[test]
    fn the_program_counts_what_the_paddle_meets() {
        let mut machine = Machine::default();
        machine.insert(rom::NAME, &rom::ROM);
        let mut best = 0;
        for _ in 0..3_000 {
            // The paddle follows the ball.
            let (ball, paddle) = (machine.v[0], machine.v[4] + 4);
            (machine.keys[4], machine.keys[6]) = (ball < paddle, ball > paddle);
            (0..12).for_each(|_| machine.step());
            machine.count_down();
            best = best.max(machine.v[rom::SCORE]);
        }
        assert!(best >= 10, "{best}, {}", machine.stopped);
        assert!(machine.stopped.is_empty(), "{}", machine.stopped);
    }
}
