//! The server, by a client of gdb's remote protocol.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use super::*;

/// A client of gdb's remote protocol.
struct Client(TcpStream);

impl Client {
    /// Sends a packet without waiting for a reply.
    fn send(&mut self, body: &str) {
        let checksum = body.bytes().fold(0u8, u8::wrapping_add);
        self.0.write_all(format!("${body}#{checksum:02x}").as_bytes()).unwrap();
    }

    /// Returns the body of the next packet.
    fn receive(&mut self) -> String {
        let mut byte = || {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            byte[0]
        };
        while byte() != b'$' {}
        let mut body = Vec::new();
        loop {
            match byte() {
                b'#' => break,
                // Further copies of the last character.
                b'*' => {
                    let last = *body.last().unwrap();
                    body.extend(std::iter::repeat_n(last, usize::from(byte() - 29)));
                }
                other => body.push(other),
            }
        }
        let _checksum = [byte(), byte()];
        // The server may have closed the connection after the last packet.
        let _ = self.0.write_all(b"+");
        String::from_utf8(body).unwrap()
    }

    fn request(&mut self, body: &str) -> String {
        self.send(body);
        self.receive()
    }

    /// Sends a packet and returns the console output before the reply, and the reply.
    fn resume(&mut self, body: &str) -> (String, String) {
        let mut console = Vec::new();
        let mut reply = self.request(body);
        while let Some(output) = reply.strip_prefix('O') {
            console.extend(hex::decode(output).unwrap());
            reply = self.receive();
        }
        (String::from_utf8(console).unwrap(), reply)
    }
}

/// Serves a guest to a client. Returns how the session ended, and what the guest printed.
fn serve(name: &str, inputs: &[&[u8]], client: impl FnOnce(Client) + Send) -> (Result<SessionEnd, SdkError>, String) {
    let program = guest(name);
    let server = Server::bind("127.0.0.1:0").unwrap();
    let address = server.address();
    let mut printed = Vec::new();
    let end = thread::scope(|scope| {
        let client = scope.spawn(move || client(Client(TcpStream::connect(address).unwrap())));
        let end = server.serve(session(&program, inputs), &mut |bytes| printed.extend_from_slice(bytes));
        assert!(client.join().is_ok(), "{end:?}");
        end
    });
    (end, String::from_utf8(printed).unwrap())
}

#[test]
fn a_client_controls_the_run() {
    let square = function(&guest("debuggee"), "square");
    let (end, printed) = serve("debuggee", &[&number(3)], |mut client| {
        assert!(client.request("qSupported:multiprocess+;swbreak+").contains("ReverseStep+"));
        assert!(client.request("qXfer:features:read:target.xml:0,fff").contains("org.gnu.gdb.riscv.cpu"));
        assert!(client.request("?").starts_with("T05"));
        assert_eq!(client.request(&format!("Z0,{square:x},4")), "OK");
        assert_eq!(client.request("Hc0"), "OK");
        let (_, reply) = client.resume("c");
        assert!(reply.starts_with("T05") && reply.contains("swbreak:"), "{reply}");
        let registers = client.request("g");
        assert_eq!(registers.len(), 33 * 8);
        assert_eq!(&registers[80..88], "01000000");
        assert_eq!(&registers[256..], hex::encode(square.to_le_bytes()));
        let (console, _) = client.resume("c");
        assert_eq!(console, "1\n");
        assert_eq!(client.request("pa"), "02000000");
        assert_eq!(client.request(&format!("m{TOTAL:x},4")), "01000000");
        let (console, reply) = client.resume("bc");
        assert!(reply.contains("swbreak:") && console.is_empty(), "{reply}");
        assert_eq!(client.request("pa"), "01000000");
        assert_eq!(client.request(&format!("m{TOTAL:x},4")), "00000000");
        let (_, reply) = client.resume("bs");
        assert!(reply.starts_with("S05") || reply.starts_with("T05"), "{reply}");
        assert_ne!(client.request("p20"), hex::encode(square.to_le_bytes()));
        let (_, reply) = client.resume("bc");
        assert!(reply.contains("replaylog:begin"), "{reply}");
        assert_eq!(client.request(&format!("z0,{square:x},4")), "OK");
        assert_eq!(client.request(&format!("Z2,{:x},1", FLAGS + 1)), "OK");
        let (console, reply) = client.resume("vCont;c");
        assert!(reply.contains(&format!("watch:{:x};", FLAGS + 1)), "{reply}");
        assert_eq!(console, "", "the output was sent before");
        assert_eq!(client.resume("vCont;c"), ("4\n9\n".to_owned(), "W05".to_owned()));
    });
    assert_eq!((end.unwrap(), printed.as_str()), (SessionEnd::Exited(5), "1\n4\n9\n"));
}

#[test]
fn wrong_requests_get_error_replies() {
    let (end, _) = serve("debuggee", &[&number(3)], |mut client| {
        assert!(client.request("m20000000,4").starts_with('E'));
        assert!(client.request("mffffffff,8").starts_with('E'));
        assert!(client.request("M20000000,1:00").starts_with('E'));
        assert_eq!(client.request("m1fffffff,4"), "00");
        assert!(client.request("p40").starts_with('E'));
        for unknown in ["", "!", "vFoo", "qFoo", "Z9,0,4"] {
            assert_eq!(client.request(unknown), "", "{unknown}");
        }
        assert_eq!(client.request("m200800,4").len(), 8, "the session goes on");
        assert_eq!(client.request("D"), "OK");
    });
    assert_eq!(end.unwrap(), SessionEnd::Detached);
}

#[test]
fn other_protocols_end_the_session() {
    let endless = [b"$".to_vec(), vec![b'a'; 1 << 20]].concat();
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"$g#00", b"$g#zz", b"\xff\x00", b"-", &endless] {
        let (end, _) = serve("debuggee", &[&number(3)], |mut client| _ = client.0.write_all(bytes));
        assert!(matches!(end, Err(SdkError::DebugProtocol(_))), "{:?}: {end:?}", bytes.get(..8));
    }
    for packet in
        ["m", "mzz,1", "Z0,zz,4", "pzz", "vCont;", "vCont;s;s", "vCont;q", "qXfer:features:read:other.xml:0,9"]
    {
        let (end, _) = serve("debuggee", &[&number(3)], |mut client| client.send(packet));
        assert!(matches!(end, Err(SdkError::DebugProtocol(_))), "{packet}: {end:?}");
    }
}

#[test]
fn a_running_guest_can_be_interrupted_and_left() {
    let (end, printed) = serve("print_loop", &[], |mut client| {
        client.send("c");
        assert!(client.receive().starts_with(&format!("O{}", hex::encode("tick\n"))));
        client.0.write_all(&[3]).unwrap();
        let mut reply = client.receive();
        while reply.starts_with('O') {
            reply = client.receive();
        }
        assert_eq!(reply, "S02");
        client.send("k");
    });
    assert_eq!(end.unwrap(), SessionEnd::Killed);
    assert!(printed.starts_with("tick\ntick\n"));
    // Closed while the guest runs, and while it stands.
    for packet in ["c", "g"] {
        let (end, _) = serve("print_loop", &[], |mut client| client.send(packet));
        assert_eq!(end.unwrap(), SessionEnd::Detached);
    }
}

#[test]
fn a_failure_ends_the_run_only_if_its_signal_is_passed_on() {
    let (end, _) = serve("unknown_insn", &[&number(1)], |mut client| {
        let (console, reply) = client.resume("vCont;c");
        assert!(console.contains("the word 0xffffffff"), "{console}");
        assert_eq!(&reply[..3], "S04", "{reply}");
        let (_, reply) = client.resume("vCont;c");
        assert_eq!(&reply[..3], "S04", "{reply}");
        let (_, reply) = client.resume("bs");
        assert!(reply.starts_with("S05") || reply.starts_with("T05"), "{reply}");
        let (_, reply) = client.resume("vCont;c");
        assert_eq!(&reply[..3], "S04", "{reply}");
        let (_, reply) = client.resume("vCont;C04");
        assert_eq!(&reply[..3], "X04", "{reply}");
    });
    let end = end.unwrap();
    assert!(matches!(&end, SessionEnd::Failed(message) if message.contains("0xffffffff")), "{end:?}");
}

#[test]
fn an_address_in_use_is_named() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let address = server.address().to_string();
    let error = Server::bind(&address).unwrap_err().to_string();
    assert!(error.contains(&address) && error.contains("choose another address"), "{error}");
    assert!(Server::bind("nonsense").is_err());
}
