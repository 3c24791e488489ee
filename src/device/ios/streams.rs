//! Pairs of CFStreams on run loops.
//!
//! Everything happens on the main thread: streams are made, scheduled, read and closed there, and their events come
//! there (a run loop of another thread is only ever one that nobody runs). CF holds what an event needs, a count of
//! an [`Arc`], through the retain and release of the client's context, so that it lives as long as the stream whoever
//! lets go first.
//!
//! Only a phone can tell: in which order events of the two sides come, what the kernel says of a socket that was taken
//! away while the app was suspended (TN2277: `ENOTCONN` on reading, `EPIPE` on writing), whether a second pair over the
//! same socket takes the VoIP type.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;

use objc2_cf_network::kCFStreamNetworkServiceType;
use objc2_core_foundation::{
    CFData, CFReadStream, CFRetained, CFRunLoop, CFRunLoopMode, CFStreamClientContext,
    CFStreamError, CFStreamEventType, CFStreamStatus, CFString, CFType, CFWriteStream,
    kCFStreamPropertySocketNativeHandle,
};

use super::errors::meaning;
use super::legacy::{self, Ends};
use super::run_loops::RunLoops;
use super::voice::{Voice, guarded};
use crate::device::Endpoint;
use crate::port::{Callback, RunLoop, ServiceType, Side, StreamError, StreamEvent, StreamId};

/// All pairs of this process that are not closed.
pub(super) struct Streams {
    pairs: BTreeMap<u32, Pair>,
    loops: RunLoops,
    voice: Voice,
}

/// The two streams over one connection.
struct Pair {
    read: CFRetained<CFReadStream>,
    write: CFRetained<CFWriteStream>,
    closed: [bool; 2],
    scheduled: [Option<(CFRetained<CFRunLoop>, CFRetained<CFRunLoopMode>)>; 2],
    /// The pair over whose socket this one was made. It is kept as it is: closing it could shut the socket down.
    _under: Option<Box<Pair>>,
}

/// Calls the same method of the stream of one side.
macro_rules! of {
    ($pair:expr, $side:expr, $stream:ident => $call:expr) => {
        match $side {
            Side::Read => {
                let $stream: &CFReadStream = &$pair.read;
                $call
            }
            Side::Write => {
                let $stream: &CFWriteStream = &$pair.write;
                $call
            }
        }
    };
}

const fn place(side: Side) -> usize {
    match side {
        Side::Read => 0,
        Side::Write => 1,
    }
}

impl Streams {
    pub(super) fn new(voice: Voice) -> Streams {
        Streams { pairs: BTreeMap::new(), loops: RunLoops::default(), voice }
    }

    pub(super) fn create(&mut self, pair: u32, to: &Endpoint) {
        let ends = legacy::pair_to(&to.host, to.port);
        self.keep(pair, ends, None);
    }

    /// A pair over the socket of another, in its place.
    pub(super) fn create_over(&mut self, pair: u32, socket: u32) -> bool {
        // First the new streams: without them the old ones stay.
        let ends = self.socket(socket).and_then(legacy::pair_over);
        let Some(under) = ends.as_ref().and_then(|_| self.pairs.remove(&socket)) else {
            return false;
        };
        under.forget_clients();
        self.keep(pair, ends, Some(Box::new(under)))
    }

    /// A pair over a socket that the caller connected.
    pub(super) fn create_on(&mut self, pair: u32, socket: OwnedFd) {
        self.keep(pair, legacy::pair_over(socket), None);
    }

    fn keep(&mut self, pair: u32, ends: Option<Ends>, under: Option<Box<Pair>>) -> bool {
        let Some((read, write)) = ends else {
            self.voice.say(format!("the system made no streams for pair {pair}"));
            return false;
        };
        let (closed, scheduled) = ([false; 2], [None, None]);
        self.pairs.insert(pair, Pair { read, write, closed, scheduled, _under: under });
        true
    }

    /// A stream that was made and not closed by the app.
    fn get(&self, stream: StreamId) -> Option<&Pair> {
        self.pairs.get(&stream.pair).filter(|pair| !pair.closed[place(stream.side)])
    }

    pub(super) fn set_service_type(&mut self, stream: StreamId, service: ServiceType) -> bool {
        let Some(pair) = self.get(stream) else { return false };
        let value: Option<&CFType> = match service {
            ServiceType::Default => None,
            ServiceType::Voip => Some(legacy::voip().as_ref()),
            // It is asked for a URL request (`networkServiceType`); a stream has no such type.
            ServiceType::VoipRequest => return false,
        };
        let key = service_type_key();
        // SAFETY: the property takes one of the constants of CFSocketStream.h, or nothing for the default.
        of!(pair, stream.side, s => unsafe { s.set_property(Some(key), value) })
    }

    /// The service type that the stream says it has: reads back what was set.
    pub(super) fn service_type(&self, stream: StreamId) -> Option<ServiceType> {
        let pair = self.get(stream)?;
        let value = of!(pair, stream.side, s => s.property(Some(service_type_key())))?;
        let voip = value.downcast_ref::<CFString>()? == legacy::voip();
        Some(if voip { ServiceType::Voip } else { ServiceType::Default })
    }

    pub(super) fn set_client(&mut self, stream: StreamId) {
        let Some(pair) = self.get(stream) else { return };
        let client = Arc::new(Client { stream, voice: self.voice });
        let mut context = CFStreamClientContext {
            version: 0,
            info: Arc::as_ptr(&client).cast_mut().cast(),
            retain: Some(retain),
            release: Some(release),
            copyDescription: None,
        };
        // CF copies the context and takes a count of its own of what it points to; ours goes with `client`.
        let taken = match stream.side {
            // SAFETY: the function takes what the context holds, and the context outlives the call.
            Side::Read => unsafe {
                pair.read.set_client(EVENTS.bits(), Some(read_event), &raw mut context)
            },
            // SAFETY: as above.
            Side::Write => unsafe {
                pair.write.set_client(EVENTS.bits(), Some(write_event), &raw mut context)
            },
        };
        if !taken {
            let (pair, side) = (stream.pair, stream.side);
            self.voice.say(format!("the {side} stream of pair {pair} took no client"));
        }
    }

    pub(super) fn schedule(&mut self, stream: StreamId, on: RunLoop) {
        if self.get(stream).is_none() {
            return;
        }
        let Some((run_loop, mode)) = self.loops.get(on) else {
            return self.voice.say(format!("there is no run loop {on}"));
        };
        let Some(pair) = self.pairs.get_mut(&stream.pair) else { return };
        of!(pair, stream.side, s => s.schedule_with_run_loop(Some(&run_loop), Some(&mode)));
        pair.scheduled[place(stream.side)] = Some((run_loop, mode));
    }

    pub(super) fn unschedule(&mut self, stream: StreamId) {
        let Some(pair) = self.pairs.get_mut(&stream.pair) else { return };
        if let Some((run_loop, mode)) = pair.scheduled[place(stream.side)].take() {
            of!(pair, stream.side, s => s.unschedule_from_run_loop(Some(&run_loop), Some(&mode)));
        }
    }

    pub(super) fn open(&mut self, stream: StreamId) -> bool {
        self.get(stream).is_some_and(|pair| of!(pair, stream.side, s => s.open()))
    }

    pub(super) fn read(
        &mut self,
        stream: StreamId,
        buffer: &mut [u8],
    ) -> Result<usize, StreamError> {
        let pair = self.usable(stream)?;
        // Reading blocks when nothing is there.
        if !pair.read.has_bytes_available() {
            return self.nothing(stream);
        }
        let most = isize::try_from(buffer.len()).unwrap_or(isize::MAX);
        // SAFETY: the buffer is as long as is said.
        let read = unsafe { pair.read.read(buffer.as_mut_ptr(), most) };
        usize::try_from(read).or_else(|_| self.nothing(stream))
    }

    pub(super) fn write(&mut self, stream: StreamId, bytes: &[u8]) -> Result<usize, StreamError> {
        let pair = self.usable(stream)?;
        // Writing blocks when there is no room.
        if !pair.write.can_accept_bytes() {
            return self.nothing(stream);
        }
        let most = isize::try_from(bytes.len()).unwrap_or(isize::MAX);
        // SAFETY: the bytes are as many as is said.
        let written = unsafe { pair.write.write(bytes.as_ptr(), most) };
        usize::try_from(written).or_else(|_| self.nothing(stream))
    }

    /// No byte went either way: because of an error, or because it is not the time.
    fn nothing(&self, stream: StreamId) -> Result<usize, StreamError> {
        self.error(stream).map_or(Ok(0), Err)
    }

    /// A stream that was opened.
    fn usable(&self, stream: StreamId) -> Result<&Pair, StreamError> {
        let pair = self.get(stream).ok_or(StreamError::NotOpen)?;
        match of!(pair, stream.side, s => s.status()) {
            CFStreamStatus::NotOpen | CFStreamStatus::Closed => Err(StreamError::NotOpen),
            _ => Ok(pair),
        }
    }

    pub(super) fn error(&self, stream: StreamId) -> Option<StreamError> {
        let pair = self.get(stream)?;
        if of!(pair, stream.side, s => s.status()) != CFStreamStatus::Error {
            return None;
        }
        let error: CFStreamError = of!(pair, stream.side, s => s.error());
        Some(meaning(error).unwrap_or_else(|| {
            let CFStreamError { domain, error } = error;
            let (pair, side) = (stream.pair, stream.side);
            let which = format!("the {side} stream of pair {pair}");
            self.voice.say(format!(
                "{which} failed with error {error} of domain {domain}, which has no name here: \
                 it counts as a reset"
            ));
            StreamError::Reset
        }))
    }

    pub(super) fn close(&mut self, stream: StreamId) {
        let Some(pair) = self.pairs.get_mut(&stream.pair) else { return };
        let closed = &mut pair.closed[place(stream.side)];
        if *closed {
            return;
        }
        *closed = true;
        of!(pair, stream.side, s => s.close());
        if pair.closed == [true, true] {
            self.pairs.remove(&stream.pair);
        }
    }

    /// The phone's own port of the connection under a pair, once there is one.
    pub(super) fn local_port(&self, pair: u32) -> Option<u16> {
        let socket = std::net::TcpStream::from(self.socket(pair)?);
        socket.local_addr().ok().map(|address| address.port()).filter(|port| *port != 0)
    }

    /// The socket under a pair, as a descriptor of our own; there is none before the connection is begun.
    fn socket(&self, pair: u32) -> Option<OwnedFd> {
        // SAFETY: a constant of Core Foundation, never written.
        let key = unsafe { kCFStreamPropertySocketNativeHandle };
        let handle = self.pairs.get(&pair)?.read.property(key)?;
        let bytes = handle.downcast_ref::<CFData>()?.to_vec();
        let descriptor = i32::from_ne_bytes(bytes.try_into().ok()?);
        if descriptor < 0 {
            return None;
        }
        // SAFETY: the pair holds its socket open, and is borrowed for as long as this is.
        let socket = unsafe { BorrowedFd::borrow_raw(descriptor) };
        socket.try_clone_to_owned().ok()
    }
}

impl Pair {
    /// Nobody is told of its events any more.
    fn forget_clients(&self) {
        // SAFETY: no events, no function and no context is how a client is taken away.
        unsafe {
            self.read.set_client(0, None, std::ptr::null_mut());
            self.write.set_client(0, None, std::ptr::null_mut());
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // A run loop holds what is scheduled on it: who only lets go of a stream leaves it open. What is under it is
        // dropped in the same way, behind it.
        self.forget_clients();
        self.read.close();
        self.write.close();
    }
}

fn service_type_key() -> &'static CFString {
    // SAFETY: a constant of CFNetwork, never written.
    unsafe { kCFStreamNetworkServiceType }
}

/// What a stream can report.
const EVENTS: CFStreamEventType = CFStreamEventType::OpenCompleted
    .union(CFStreamEventType::HasBytesAvailable)
    .union(CFStreamEventType::CanAcceptBytes)
    .union(CFStreamEventType::ErrorOccurred)
    .union(CFStreamEventType::EndEncountered);

/// Whose events they are, and who is told.
struct Client {
    stream: StreamId,
    voice: Voice,
}

impl Client {
    fn happened(&self, events: CFStreamEventType) {
        for (bit, event) in [
            (CFStreamEventType::OpenCompleted, StreamEvent::OpenCompleted),
            (CFStreamEventType::HasBytesAvailable, StreamEvent::HasBytesAvailable),
            (CFStreamEventType::CanAcceptBytes, StreamEvent::CanAcceptBytes),
            (CFStreamEventType::ErrorOccurred, StreamEvent::ErrorOccurred),
            (CFStreamEventType::EndEncountered, StreamEvent::EndEncountered),
        ] {
            if events.contains(bit) {
                self.voice.tell(Callback::Stream(self.stream, event));
            }
        }
    }
}

/// One more holds the client of a context.
unsafe extern "C-unwind" fn retain(info: *mut c_void) -> *mut c_void {
    // SAFETY: `info` is from `Arc::as_ptr`, and whoever retains holds a count.
    unsafe { Arc::increment_strong_count(info.cast_const().cast::<Client>()) };
    info
}

/// One fewer holds the client of a context.
unsafe extern "C-unwind" fn release(info: *mut c_void) {
    // SAFETY: `info` is from `Arc::as_ptr`, and the count is one that `retain` took.
    unsafe { Arc::decrement_strong_count(info.cast_const().cast::<Client>()) };
}

unsafe extern "C-unwind" fn read_event(
    _: *mut CFReadStream,
    events: CFStreamEventType,
    info: *mut c_void,
) {
    // SAFETY: CF calls with the client of the stream, of which it holds a count.
    let client = unsafe { held(info) };
    guarded(|| client.happened(events));
}

unsafe extern "C-unwind" fn write_event(
    _: *mut CFWriteStream,
    events: CFStreamEventType,
    info: *mut c_void,
) {
    // SAFETY: CF calls with the client of the stream, of which it holds a count.
    let client = unsafe { held(info) };
    guarded(|| client.happened(events));
}

/// A count of our own: the app may close the stream while it is told, and CF lets its count go then.
///
/// # Safety
/// `info` is from `Arc::as_ptr`, and somebody holds a count.
unsafe fn held(info: *mut c_void) -> Arc<Client> {
    let client = info.cast_const().cast::<Client>();
    // SAFETY: as the caller says; the count taken first is the one that the `Arc` gives back.
    unsafe {
        Arc::increment_strong_count(client);
        Arc::from_raw(client)
    }
}
