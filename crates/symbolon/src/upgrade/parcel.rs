//! What is handed over: a list in JSON, then the descriptors it speaks of, in its order
//! (`SCM_RIGHTS`, `unix(7)`).

use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize};
use symbolon_gateway::Inherited;

/// The descriptors in one message; the system takes 253.
const PER_MESSAGE: usize = 64;

/// The longest list, in bytes.
const MAX_LIST_BYTES: u32 = 1024 * 1024;

/// Everything of a process that another one needs to take its place.
#[derive(Debug)]
pub(crate) struct Parcel {
    /// Public listeners.
    pub(crate) listeners: Vec<Inherited>,
    /// The admin listener and its address as the configuration had it.
    pub(crate) admin: (SocketAddr, TcpListener),
    /// The control socket, where there is one.
    pub(crate) control: Option<UnixListener>,
    /// The lock of the store.
    pub(crate) lock: OwnedFd,
    /// What tells of processes that this one has replaced and that still drain.
    pub(crate) predecessors: Vec<UnixStream>,
}

#[derive(Debug, Serialize, Deserialize)]
struct List {
    listeners: Vec<ListedListener>,
    admin: SocketAddr,
    has_control: bool,
    predecessors: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct ListedListener {
    address: SocketAddr,
    sockets: usize,
}

impl Parcel {
    /// Sends it over a blocking stream.
    pub(super) fn send(self, mut stream: &UnixStream) -> io::Result<()> {
        let list = serde_json::to_vec(&self.list())?;
        let length = u32::try_from(list.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes())?;
        stream.write_all(&list)?;
        let descriptors = self.into_descriptors();
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(OwnedFd::as_fd).collect();
        borrowed.chunks(PER_MESSAGE).try_for_each(|some| send_some(stream, some))
    }

    /// Receives what [`Parcel::send`] has sent.
    pub(super) fn receive(mut stream: &UnixStream) -> io::Result<Self> {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        if length > MAX_LIST_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut list = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        stream.read_exact(&mut list)?;
        let list: List = serde_json::from_slice(&list)?;
        let mut descriptors = Vec::new();
        while descriptors.len() < list.count() {
            receive_some(stream, &mut descriptors)?;
        }
        list.unpack(descriptors.into_iter())
    }

    fn list(&self) -> List {
        let listed = |listener: &Inherited| ListedListener {
            address: listener.address,
            sockets: listener.sockets.len(),
        };
        List {
            listeners: self.listeners.iter().map(listed).collect(),
            admin: self.admin.0,
            has_control: self.control.is_some(),
            predecessors: self.predecessors.len(),
        }
    }

    fn into_descriptors(self) -> Vec<OwnedFd> {
        let listeners = self.listeners.into_iter().flat_map(|listener| listener.sockets);
        let listeners = listeners.map(OwnedFd::from);
        let control = self.control.map(OwnedFd::from);
        listeners
            .chain([self.lock, self.admin.1.into()])
            .chain(control)
            .chain(self.predecessors.into_iter().map(OwnedFd::from))
            .collect()
    }
}

impl List {
    fn count(&self) -> usize {
        let sockets: usize = self.listeners.iter().map(|listener| listener.sockets).sum();
        sockets + 2 + usize::from(self.has_control) + self.predecessors
    }

    fn unpack(self, mut descriptors: impl Iterator<Item = OwnedFd>) -> io::Result<Parcel> {
        let mut next = || descriptors.next().ok_or(io::ErrorKind::UnexpectedEof);
        let mut listeners = Vec::new();
        for ListedListener { address, sockets } in self.listeners {
            let sockets = (0..sockets).map(|_| next().map(TcpListener::from));
            listeners.push(Inherited { address, sockets: sockets.collect::<Result<_, _>>()? });
        }
        Ok(Parcel {
            listeners,
            lock: next()?,
            admin: (self.admin, next()?.into()),
            control: if self.has_control { Some(next()?.into()) } else { None },
            predecessors: (0..self.predecessors)
                .map(|_| next().map(UnixStream::from))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn send_some(stream: &UnixStream, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PER_MESSAGE))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    // A message has to say something.
    sendmsg(stream, &[IoSlice::new(b"D")], &mut ancillary, SendFlags::empty())?;
    Ok(())
}

fn receive_some(stream: &UnixStream, descriptors: &mut Vec<OwnedFd>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(PER_MESSAGE))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let said = recvmsg(stream, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, flags)?;
    let before = descriptors.len();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            descriptors.extend(received);
        }
    }
    if said.bytes == 0 || descriptors.len() == before {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::thread;

    use super::*;

    #[test]
    fn what_is_sent_arrives_in_its_order() {
        let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let address = |socket: &TcpListener| socket.local_addr().unwrap();
        // More than fit into one message.
        let many: Vec<TcpListener> = (0..PER_MESSAGE + 10).map(|_| listen()).collect();
        let few = vec![listen()];
        let admin = listen();
        let expected: Vec<SocketAddr> = many.iter().chain(&few).map(address).collect();
        let admin_address = address(&admin);
        let (draining, other) = UnixStream::pair().unwrap();
        let wanted = SocketAddr::from(([127, 0, 0, 1], 0));
        let parcel = Parcel {
            listeners: vec![
                Inherited { address: wanted, sockets: many },
                Inherited { address: expected[0], sockets: few },
            ],
            admin: (wanted, admin),
            control: Some(UnixListener::bind(folder.path().join("control")).unwrap()),
            lock: File::create(folder.path().join("lock")).unwrap().into(),
            predecessors: vec![draining],
        };
        let (one, two) = UnixStream::pair().unwrap();
        let sender = thread::spawn(move || parcel.send(&one).unwrap());
        let received = Parcel::receive(&two).unwrap();
        sender.join().unwrap();
        let sockets = received.listeners.iter().flat_map(|listener| &listener.sockets);
        assert_eq!(sockets.map(address).collect::<Vec<_>>(), expected);
        assert_eq!(received.listeners[1].address, expected[0]);
        assert_eq!((received.admin.0, address(&received.admin.1)), (wanted, admin_address));
        let control = received.control.unwrap().local_addr().unwrap();
        assert_eq!(control.as_pathname(), Some(folder.path().join("control").as_path()));
        drop(other);
        let mut rest = Vec::new();
        (&received.predecessors[0]).read_to_end(&mut rest).unwrap();
        assert!(File::from(received.lock).metadata().unwrap().is_file());
    }

    #[test]
    fn half_a_parcel_is_none() {
        let (mut one, two) = UnixStream::pair().unwrap();
        let list =
            br#"{"listeners":[],"admin":"127.0.0.1:1","has_control":false,"predecessors":0}"#;
        one.write_all(&u32::try_from(list.len()).unwrap().to_be_bytes()).unwrap();
        one.write_all(list).unwrap();
        one.write_all(b"D").unwrap();
        assert!(Parcel::receive(&two).is_err());
        one.write_all(&u32::MAX.to_be_bytes()).unwrap();
        assert!(Parcel::receive(&two).is_err());
    }
}
