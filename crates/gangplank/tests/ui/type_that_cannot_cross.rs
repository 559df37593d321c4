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

#[gangplank::function]
pub async fn lookup(all: Vec<Option<Socket>>) -> Option<Socket> {
    all.into_iter().next().flatten()
}

#[gangplank::variant]
pub enum Place {
    At(Socket),
    Near { what: std::net::IpAddr, far: f64 },
}

#[gangplank::error]
pub enum Refused {
    /// not today
    Busy { by: Socket },
}

pub struct Server;

#[gangplank::object]
impl Server {
    #[gangplank(constructor)]
    pub fn create(listener: Socket) -> Result<Server, Refused> {
        drop(listener);
        Ok(Server)
    }

    pub fn serve(&self, at: Place, connection: Connection) -> Result<Connection, Refused> {
        drop(at);
        Ok(connection)
    }
}

#[gangplank::events]
pub trait Told {
    fn opened(&self, socket: Socket);
}

#[gangplank::host]
pub trait Asked {
    async fn choose(&self, all: Vec<Socket>) -> Result<Socket, String>;
}

fn main() {}
