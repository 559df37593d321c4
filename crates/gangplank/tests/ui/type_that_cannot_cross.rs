//! A field whose type has no place in the interface.

struct Socket;

#[gangplank::record]
pub struct Connection {
    pub socket: Socket,
}

#[gangplank::function]
pub fn open(name: String, socket: Socket) {
    let _ = (name, socket);
}

#[gangplank::function]
pub fn accept() -> Socket {
    Socket
}

fn main() {}
