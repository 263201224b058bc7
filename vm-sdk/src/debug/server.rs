//! The server for gdb: waits for a connection and serves a session over it.

use std::fmt::Write as _;
use std::io;
use std::marker::PhantomData;
use std::net::{SocketAddr, TcpListener, TcpStream};

use gdbstub::common::Signal;
use gdbstub::conn::{Connection, ConnectionExt};
use gdbstub::stub::run_blocking::{BlockingEventLoop, Event, WaitForStopReasonError};
use gdbstub::stub::{DisconnectReason, GdbStub, GdbStubError, SingleThreadStopReason};
use gdbstub::target::ext::base::reverse_exec::ReplayLogPosition;
use gdbstub::target::ext::breakpoints::WatchKind as GdbWatchKind;
use vm_core::arch::VmConfig;

use crate::error::SdkError;

use super::session::{Session, Stop};
use super::target::{GdbTarget, Print};
use super::watch::WatchKind;

/// Largest packet that gdb may send, in bytes. It learns this number at the start.
const MAX_PACKET: usize = 1 << 14;
/// Number of bytes of console output in one packet. A packet has twice as many hexadecimal digits.
const CONSOLE_PACKET: usize = 1 << 10;

/// How a session with gdb ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// gdb detached or closed the connection.
    Detached,
    /// gdb ended the run.
    Killed,
    /// The guest ended with this exit code.
    Exited(u32),
    /// The guest failed, and gdb let the failure end the run. The message says what failed, where and why.
    Failed(String),
}

/// A server that waits for gdb.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on an address, such as `127.0.0.1:1234`. Port 0 stands for any free port.
    ///
    /// Whoever can connect can control the run, so the address should be of this computer only.
    ///
    /// # Errors
    ///
    /// [`SdkError::Listen`] if the address is wrong or in use.
    pub fn bind(address: &str) -> Result<Self, SdkError> {
        let error = |source| SdkError::Listen { address: address.to_owned(), source };
        let listener = TcpListener::bind(address).map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        Ok(Self { listener, address })
    }

    /// Returns the address with the port on which the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for a connection and serves the session until gdb detaches or the run ends. `print` receives what the guest
    /// prints, each byte once.
    ///
    /// # Errors
    ///
    /// - [`SdkError::DebugConnection`] if the connection fails;
    /// - [`SdkError::DebugProtocol`] if what arrives is not of gdb's remote protocol.
    pub fn serve<VC: VmConfig>(
        self,
        session: Session<'_, VC>,
        print: &mut dyn FnMut(&[u8]),
    ) -> Result<SessionEnd, SdkError> {
        let (connection, _) = self.listener.accept().map_err(SdkError::DebugConnection)?;
        // One session is all there is: further connections are refused.
        drop(self.listener);
        let mut target = GdbTarget::new(session, print);
        let mut buffer = vec![0; MAX_PACKET];
        let server = GdbStub::builder(connection).with_packet_buffer(&mut buffer).build();
        let server = server.map_err(|error| SdkError::DebugProtocol(error.to_string()))?;
        match server.run_blocking::<EventLoop<'_, '_, VC>>(&mut target) {
            Ok(DisconnectReason::Disconnect) => Ok(SessionEnd::Detached),
            Ok(DisconnectReason::Kill) => Ok(SessionEnd::Killed),
            Ok(DisconnectReason::TargetExited(code)) => {
                Ok(SessionEnd::Exited(target.exit_code.unwrap_or_else(|| code.into())))
            }
            Ok(DisconnectReason::TargetTerminated(_)) => {
                Ok(SessionEnd::Failed(target.failure.map(|(_, message)| message).unwrap_or_default()))
            }
            Err(error) => ended_by(error),
        }
    }
}

/// Returns how a session ended that an error ended.
fn ended_by(error: GdbStubError<SdkError, io::Error>) -> Result<SessionEnd, SdkError> {
    if !error.is_connection_error() && !error.is_target_error() {
        return Err(SdkError::DebugProtocol(error.to_string()));
    }
    if error.is_target_error() {
        return error.into_target_error().map_or(Ok(SessionEnd::Detached), Err);
    }
    match error.into_connection_error() {
        Some((error, _)) if !is_closed(&error) => Err(SdkError::DebugConnection(error)),
        _ => Ok(SessionEnd::Detached),
    }
}

fn is_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// Writes text to the console of gdb. Only possible while gdb waits for the run to stop.
fn write_console(connection: &mut TcpStream, text: &[u8]) -> io::Result<()> {
    for chunk in text.chunks(CONSOLE_PACKET) {
        let mut packet = "$O".to_owned();
        for byte in chunk {
            let _ = write!(packet, "{byte:02x}");
        }
        let checksum = packet.bytes().skip(1).fold(0u8, u8::wrapping_add);
        let _ = write!(packet, "#{checksum:02x}");
        Connection::write_all(connection, packet.as_bytes())?;
    }
    Ok(())
}

/// Lets a session go on until it stops or gdb sends something.
struct EventLoop<'a, 'p, VC>(PhantomData<(&'a VC, Print<'p>)>);

impl<'a, 'p, VC: VmConfig> EventLoop<'a, 'p, VC> {
    /// Returns the reply for a stop. Writes to the console of gdb why the guest failed.
    fn reply(
        target: &mut GdbTarget<'a, 'p, VC>,
        connection: &mut TcpStream,
        stop: Stop,
    ) -> io::Result<SingleThreadStopReason<u32>> {
        target.failure = None;
        Ok(match stop {
            Stop::Stepped => SingleThreadStopReason::DoneStep,
            Stop::Breakpoint => SingleThreadStopReason::SwBreak(()),
            Stop::Watchpoint { kind, address } => {
                let kind = match kind {
                    WatchKind::Write => GdbWatchKind::Write,
                    WatchKind::Read => GdbWatchKind::Read,
                    WatchKind::Access => GdbWatchKind::ReadWrite,
                };
                SingleThreadStopReason::Watch { tid: (), kind, addr: address }
            }
            Stop::Start => SingleThreadStopReason::ReplayLog { tid: None, pos: ReplayLogPosition::Begin },
            Stop::End => SingleThreadStopReason::ReplayLog { tid: None, pos: ReplayLogPosition::End },
            Stop::Exited(code) => {
                target.exit_code = Some(code);
                SingleThreadStopReason::Exited(u8::try_from(code).unwrap_or(u8::MAX))
            }
            Stop::Failed { signal, message } => {
                write_console(connection, format!("{message}\n").as_bytes())?;
                target.failure = Some((signal, message));
                SingleThreadStopReason::Signal(signal)
            }
        })
    }

    /// Lets the session go on until it stops or, with `None`, gdb has sent something.
    fn advance(target: &mut GdbTarget<'a, 'p, VC>, connection: &mut TcpStream) -> io::Result<Option<Stop>> {
        loop {
            let stop = target.session.advance(&mut || true);
            let output = target.session.take_output();
            if stop.is_some() || !output.is_empty() {
                // Looking for data has made the connection one that does not wait.
                connection.set_nonblocking(false)?;
            }
            if !output.is_empty() {
                (target.print)(output);
                write_console(connection, output)?;
            }
            if stop.is_some() {
                return Ok(stop);
            }
            if ConnectionExt::peek(connection)?.is_some() {
                return Ok(None);
            }
        }
    }
}

impl<'a, 'p, VC: VmConfig> BlockingEventLoop for EventLoop<'a, 'p, VC> {
    type Target = GdbTarget<'a, 'p, VC>;
    type Connection = TcpStream;
    type StopReason = SingleThreadStopReason<u32>;

    fn wait_for_stop_reason(
        target: &mut Self::Target,
        connection: &mut TcpStream,
    ) -> Result<Event<Self::StopReason>, WaitForStopReasonError<SdkError, io::Error>> {
        if target.is_fatal
            && let Some((signal, _)) = &target.failure
        {
            return Ok(Event::TargetStopped(SingleThreadStopReason::Terminated(*signal)));
        }
        let event = Self::advance(target, connection).and_then(|stop| match stop {
            Some(stop) => Ok(Event::TargetStopped(Self::reply(target, connection, stop)?)),
            None => Ok(Event::IncomingData(ConnectionExt::read(connection)?)),
        });
        event.map_err(WaitForStopReasonError::Connection)
    }

    fn on_interrupt(_target: &mut Self::Target) -> Result<Option<Self::StopReason>, SdkError> {
        Ok(Some(SingleThreadStopReason::Signal(Signal::SIGINT)))
    }
}
