//! Linux: handlers of the signals that end a program, and of the one that asks for a trace.

use std::ffi::{CStr, CString, c_int, c_void};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Signals that end a program that has made a mistake.
const FATAL: [c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT, libc::SIGTRAP];
/// Limit on the frames of a trace. An endless recursion has a hundred thousand.
const MOST_FRAMES: usize = 96;
/// Stack for the handler on the thread that draws, whose own may have overflowed. That of the
/// standard library has a few KiB, which is too little for some unwinders.
const HANDLERS_STACK: usize = 64 << 10;

/// Values that the handler needs, made beforehand.
struct Setup {
    file: CString,
    /// The thread that draws.
    thread: libc::pthread_t,
    /// The handlers before, mostly those of the standard library, in the order of `FATAL`.
    before: [libc::sigaction; FATAL.len()],
}

static SETUP: OnceLock<Setup> = OnceLock::new();
/// Set while a trace is being written, and from then on if the program ends with it.
static IS_BUSY: AtomicBool = AtomicBool::new(false);

/// Returns the signal that asks for a trace: one of those that are free for programs, far from the
/// first ones.
fn asking() -> c_int {
    libc::SIGRTMIN() + 9
}

/// Writes a trace to a file when a signal ends this process, from now on. To be called by the thread
/// that draws.
pub(crate) fn install(file: &Path) {
    let Ok(file) = CString::new(file.as_os_str().as_bytes()) else { return };
    // The memory stays for as long as the thread, which is as long as the process.
    let stack = Box::leak(vec![0_u8; HANDLERS_STACK].into_boxed_slice());
    let stack =
        libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: HANDLERS_STACK };
    // SAFETY: the memory is owned by nothing else and is never freed.
    unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) };
    let before = FATAL.map(current);
    // SAFETY: it has no requirements.
    let thread = unsafe { libc::pthread_self() };
    if SETUP.set(Setup { file, thread, before }).is_ok() {
        FATAL.into_iter().for_each(|signal| handle(signal, on_fatal));
        handle(asking(), on_asking);
    }
}

/// Asks the thread that draws for a trace, from another thread of its process.
pub(crate) fn request() {
    if let Some(setup) = SETUP.get() {
        // SAFETY: it is the main thread of a renderer, which does not end before the process. The
        // signal has a handler, because `SETUP` is complete before this thread can see it and the
        // handler is installed right after; until then the signal would end a renderer that is
        // about to be killed.
        unsafe { libc::pthread_kill(setup.thread, asking()) };
    }
}

type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

fn current(signal: c_int) -> libc::sigaction {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: there is room for the answer.
    unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) };
    // SAFETY: all zeros is a valid `sigaction`, the default one, if the call has failed.
    unsafe { action.assume_init() }
}

fn handle(signal: c_int, handler: Handler) {
    let mut action = current(signal);
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    // SAFETY: the set is valid.
    unsafe { libc::sigfillset(&raw mut action.sa_mask) };
    // SAFETY: the handler has the signature that `SA_SIGINFO` asks for, and allocates nothing. All
    // signals are blocked in it: a fault in it ends the process.
    unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
}

/// Writes a trace, and lets the signal end the process as it would have without this handler.
extern "C" fn on_fatal(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let Some(setup) = SETUP.get() else { return };
    // Stays set: the abort that may follow has nothing to add.
    if !IS_BUSY.swap(true, Ordering::AcqRel) {
        write_trace(&setup.file, signal, context);
    }
    // SAFETY: the system passes a valid `info`.
    let is_fault = unsafe { (*info).si_code } > 0;
    let before = FATAL.iter().position(|it| *it == signal).map(|index| setup.before[index]);
    // A fault happens again when the handler returns, and the handler before may explain it. A signal
    // that was sent does not, and the handler before may take it for a fault.
    let action = before.filter(|_| is_fault).unwrap_or_else(|| {
        // SAFETY: all zeros is a valid `sigaction`, the default one.
        unsafe { MaybeUninit::zeroed().assume_init() }
    });
    // SAFETY: the action is valid.
    unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    if !is_fault {
        // SAFETY: it has no requirements.
        unsafe { libc::raise(signal) };
    }
}

/// Writes a trace, and continues.
extern "C" fn on_asking(signal: c_int, _info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: it has no requirements.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: it is this thread's, which the interrupted code may be about to read.
    let before = unsafe { *errno };
    if let Some(setup) = SETUP.get()
        && !IS_BUSY.swap(true, Ordering::AcqRel)
    {
        write_trace(&setup.file, signal, context);
        IS_BUSY.store(false, Ordering::Release);
    }
    // SAFETY: as above.
    unsafe { *errno = before };
}

/// Writes the addresses of the interrupted code and of its callers, and the memory mappings.
fn write_trace(file: &CStr, signal: c_int, context: *mut c_void) {
    let mut frames = Frames { addresses: [0; MOST_FRAMES], count: 0, begin: interrupted(context) };
    // The unwinder reads the interrupted code, which is not there after a call of a wrong pointer.
    if is_readable(frames.begin) {
        // SAFETY: the callback gets the value passed here, which lives until the call returns.
        unsafe { _Unwind_Backtrace(note_frame, (&raw mut frames).cast()) };
    }
    if frames.count == 0 {
        // The unwinder knows nothing of the code at this address; perhaps it was just called.
        (frames.addresses[0], frames.count) = (frames.begin, 1);
        if let Some(caller) = caller(context) {
            (frames.addresses[1], frames.count) = (caller.wrapping_sub(1), 2);
        }
    }
    let Some(mut out) = Out::create(file) else { return };
    out.put(b"signal ");
    out.put_hex(signal.unsigned_abs() as usize);
    for address in &frames.addresses[..frames.count] {
        out.put(b"\n");
        out.put_hex(*address);
    }
    out.put(b"\nmaps\n");
    out.flush();
    out.copy(c"/proc/self/maps");
    out.put(b"end\n");
    out.flush();
}

/// Returns the address of the interrupted instruction.
fn interrupted(context: *mut c_void) -> usize {
    let context = context.cast::<libc::ucontext_t>();
    // SAFETY: the system passes a valid context.
    #[cfg(target_arch = "x86_64")]
    let address = unsafe { (*context).uc_mcontext.gregs[libc::REG_RIP as usize] }.cast_unsigned();
    // SAFETY: the same.
    #[cfg(target_arch = "aarch64")]
    let address = unsafe { (*context).uc_mcontext.pc };
    usize::try_from(address).unwrap_or(0)
}

/// Returns the return address of a function that has done nothing yet.
fn caller(context: *mut c_void) -> Option<usize> {
    let context = context.cast::<libc::ucontext_t>();
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: the system passes a valid context.
        let top = unsafe { (*context).uc_mcontext.gregs[libc::REG_RSP as usize] };
        let top = usize::try_from(top.cast_unsigned()).ok()?;
        let is_stack = top.is_multiple_of(align_of::<usize>()) && is_readable(top);
        // SAFETY: the address can be read, and a word there does not cross a page.
        is_stack.then(|| unsafe { ptr::with_exposed_provenance::<usize>(top).read_volatile() })
    }
    #[cfg(target_arch = "aarch64")]
    {
        // SAFETY: the system passes a valid context.
        let link = unsafe { (*context).uc_mcontext.regs[30] };
        usize::try_from(link).ok()
    }
}

/// Returns whether a byte can be read at an address. The system reads it as the name of a file, and
/// says so if it cannot.
fn is_readable(address: usize) -> bool {
    let name = ptr::with_exposed_provenance(address);
    // SAFETY: the system checks the address.
    let found = unsafe { libc::access(name, libc::F_OK) };
    // SAFETY: it has no requirements.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: it is this thread's.
    found == 0 || unsafe { *errno } != libc::EFAULT
}

/// Addresses found so far, from the interrupted instruction on.
struct Frames {
    addresses: [usize; MOST_FRAMES],
    count: usize,
    /// The interrupted instruction; frames before it are those of the handler.
    begin: usize,
}

extern "C" fn note_frame(context: *mut UnwindContext, frames: *mut c_void) -> c_int {
    const NEXT: c_int = 0;
    const END: c_int = 5;
    let mut is_exact = 0;
    // SAFETY: the unwinder passes its context.
    let address = unsafe { _Unwind_GetIPInfo(context, &raw mut is_exact) };
    // SAFETY: it is the value of `write_trace`, which nothing else refers to during the call.
    let frames = unsafe { &mut *frames.cast::<Frames>() };
    if frames.count == 0 && address != frames.begin {
        return NEXT;
    }
    // A return address is behind the call.
    frames.addresses[frames.count] = if is_exact == 0 { address.wrapping_sub(1) } else { address };
    frames.count += 1;
    if frames.count == MOST_FRAMES { END } else { NEXT }
}

#[repr(C)]
struct UnwindContext {
    _private: [u8; 0],
}

// The unwinder of the Itanium C++ ABI, which the standard library links.
unsafe extern "C" {
    fn _Unwind_Backtrace(
        trace: extern "C" fn(*mut UnwindContext, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIPInfo(context: *mut UnwindContext, is_exact: *mut c_int) -> usize;
}

/// A file, written without an allocation. Errors are ignored: the owner sees that the end is missing.
struct Out {
    file: c_int,
    buffer: [u8; 512],
    length: usize,
}

impl Out {
    fn create(path: &CStr) -> Option<Self> {
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
        // SAFETY: the path ends with a zero byte.
        let file = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
        (file >= 0).then_some(Out { file, buffer: [0; 512], length: 0 })
    }

    fn put(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.length == self.buffer.len() {
                self.flush();
            }
            self.buffer[self.length] = *byte;
            self.length += 1;
        }
    }

    fn put_hex(&mut self, number: usize) {
        let digits = (usize::BITS - (number | 1).leading_zeros()).div_ceil(4);
        for digit in (0..digits).rev() {
            self.put(&[b"0123456789abcdef"[number >> (4 * digit) & 0xf]]);
        }
    }

    fn flush(&mut self) {
        let mut rest = &self.buffer[..self.length];
        while !rest.is_empty() {
            // SAFETY: the bytes are those of the slice.
            let written = unsafe { libc::write(self.file, rest.as_ptr().cast(), rest.len()) };
            match usize::try_from(written) {
                Ok(written @ 1..) => rest = &rest[written..],
                _ => break,
            }
        }
        self.length = 0;
    }

    /// Appends the content of another file.
    fn copy(&mut self, path: &CStr) {
        // SAFETY: the path ends with a zero byte.
        let file = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
        loop {
            // SAFETY: the buffer has this length.
            let read =
                unsafe { libc::read(file, self.buffer.as_mut_ptr().cast(), self.buffer.len()) };
            let Ok(read @ 1..) = usize::try_from(read) else { break };
            self.length = read;
            self.flush();
        }
        // SAFETY: the number is that of the file opened above, if there is one.
        unsafe { libc::close(file) };
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        // SAFETY: the file is open, and used no more.
        unsafe { libc::close(self.file) };
    }
}
