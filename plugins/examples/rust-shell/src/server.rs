//! The socket: lets the daemon in, hands its calls to the session, delivers reports, and counts the
//! lease while no daemon is there.

use std::cell::RefCell;
use std::fs;
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as StdStream;
use std::rc::Rc;
use std::time::Duration;

use capnp::capability::Promise;
use capnp::Error;
use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::{pry, twoparty, RpcSystem};
use tokio::io::AsyncReadExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{spawn_local, JoinHandle};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::executor_capnp::{executor, handshake, report_sink};
use crate::handshake::Nonces;
use crate::session::{OutputPaths, Session};
use crate::{NAME, VERSION};

const SOCKET: &str = "executor.sock";
const LEASE_GRACE_MS: u32 = 5000;
const LEASE_REASON: &str =
    "The executor ended the session because its connection to glauxd was lost.";

pub struct Server {
    session: Rc<Session>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    connections: u64,
    current: Option<Current>,
    has_been_found: bool,
    lease: u64, // counts adoptions, so that an old lease's timer finds out
}

/// The latest authenticated connection.
struct Current {
    number: u64,
    stream: StdStream,
    delivery: Option<JoinHandle<()>>,
}

impl Drop for Current {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(delivery) = &self.delivery {
            delivery.abort();
        }
    }
}

impl Server {
    pub fn listen(session: Rc<Session>) -> std::io::Result<Rc<Server>> {
        let _ = fs::remove_file(SOCKET);
        let listener = UnixListener::bind(SOCKET)?;
        fs::set_permissions(SOCKET, fs::Permissions::from_mode(0o600))?;
        let server = Rc::new(Server {
            session,
            state: RefCell::default(),
        });
        spawn_local(server.clone().accept(listener));
        Ok(server)
    }

    async fn accept(self: Rc<Self>, listener: UnixListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) if is_of_our_user(&stream) => {
                    spawn_local(self.clone().serve(stream));
                }
                Ok(_) => (),
                // Out of descriptors, for instance: not for ever.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    async fn serve(self: Rc<Self>, stream: UnixStream) {
        let number = {
            let mut state = self.state.borrow_mut();
            state.connections += 1;
            state.connections
        };
        if let Ok((stream, handle)) = with_handle(stream) {
            let (input, output) = stream.into_split();
            let network = twoparty::VatNetwork::new(
                input.compat(),
                output.compat_write(),
                Side::Server,
                Default::default(),
            );
            let door = Door {
                server: self.clone(),
                number,
                handle,
                nonces: Nonces::default(),
            };
            let client: handshake::Client = capnp_rpc::new_client(door);
            let _ = RpcSystem::new(Box::new(network), Some(client.client)).await;
        }
        self.disconnected(number);
    }

    fn adopt(&self, number: u64, stream: StdStream) {
        let mut state = self.state.borrow_mut();
        state.has_been_found = true;
        state.lease += 1;
        // The same one again, or one that cuts off the earlier.
        match &mut state.current {
            Some(current) if current.number == number => (),
            _ => {
                state.current = Some(Current {
                    number,
                    stream,
                    delivery: None,
                })
            }
        }
    }

    fn disconnected(self: &Rc<Self>, number: u64) {
        let is_current = |current: &Current| current.number == number;
        if self
            .state
            .borrow()
            .current
            .as_ref()
            .map_or(false, is_current)
        {
            self.state.borrow_mut().current = None;
            self.start_lease();
        }
    }

    fn start_lease(self: &Rc<Self>) {
        let server = self.clone();
        let lease = self.state.borrow().lease;
        let duration = Duration::from_secs(self.session.bootstrap.lease_seconds.into());
        spawn_local(async move {
            tokio::time::sleep(duration).await;
            if server.state.borrow().lease == lease {
                server.session.terminate(LEASE_GRACE_MS, LEASE_REASON);
            }
        });
    }

    /// Without a lease the session ends with the daemon that started it, even if the next one was
    /// faster to find it than we were to see the first one go.
    pub async fn watch_lifeline(self: Rc<Self>, mut lifeline: UnixStream) {
        let mut bytes = [0; 64];
        while lifeline.read(&mut bytes).await.unwrap_or(0) > 0 {}
        if self.session.bootstrap.lease_seconds == 0 {
            self.session.terminate(LEASE_GRACE_MS, LEASE_REASON);
        } else if !self.state.borrow().has_been_found {
            self.start_lease();
        }
        std::mem::forget(lifeline); // nobody else is to get its number
    }

    fn watch(&self, number: u64, from: u64, sink: report_sink::Client) {
        let mut state = self.state.borrow_mut();
        if let Some(current) = state
            .current
            .as_mut()
            .filter(|current| current.number == number)
        {
            let delivery = spawn_local(deliver(self.session.clone(), from, sink));
            if let Some(replaced) = current.delivery.replace(delivery) {
                replaced.abort();
            }
        }
    }
}

/// Waits for one batch to have arrived before it sends the next.
async fn deliver(session: Rc<Session>, mut next: u64, sink: report_sink::Client) {
    let changed = session.reports().changed.clone();
    loop {
        let batch = session.reports().batch(next, &sink);
        match batch {
            Ok(Some((request, following))) => {
                next = following;
                if request.send().promise.await.is_err() {
                    return; // the connection is ending, which `disconnected` handles
                }
            }
            Ok(None) => changed.notified().await,
            Err(error) => return eprintln!("reports cannot be sent: {error}"),
        }
    }
}

fn is_of_our_user(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .map_or(false, |peer| peer.uid() == unsafe { libc::geteuid() })
}

/// The handle is for cutting the connection.
fn with_handle(stream: UnixStream) -> std::io::Result<(UnixStream, StdStream)> {
    let stream = stream.into_std()?;
    let handle = stream.try_clone()?;
    Ok((UnixStream::from_std(stream)?, handle))
}

/// The bootstrap capability of one connection.
struct Door {
    server: Rc<Server>,
    number: u64,
    handle: StdStream,
    nonces: Nonces,
}

impl handshake::Server for Door {
    fn challenge(
        &mut self,
        params: handshake::ChallengeParams,
        mut results: handshake::ChallengeResults,
    ) -> Promise<(), Error> {
        let bootstrap = &self.server.session.bootstrap;
        let caller = pry!(pry!(params.get()).get_caller_nonce());
        self.nonces = match pry!(Nonces::challenge(caller)) {
            Some(nonces) => nonces,
            None => return Promise::err(Error::failed("a nonce has 32 bytes".into())),
        };
        results.get().set_executor_nonce(self.nonces.executor());
        let proof = self
            .nonces
            .executor_proof(&bootstrap.key, &bootstrap.session_id);
        results.get().set_proof(&proof);
        Promise::ok(())
    }

    fn authenticate(
        &mut self,
        params: handshake::AuthenticateParams,
        mut results: handshake::AuthenticateResults,
    ) -> Promise<(), Error> {
        let bootstrap = &self.server.session.bootstrap;
        let spent = std::mem::take(&mut self.nonces);
        let proof = pry!(pry!(params.get()).get_proof());
        if !spent.is_daemon_proof(proof, &bootstrap.key, &bootstrap.session_id) {
            return Promise::err(Error::failed("the proof is wrong".into()));
        }
        self.server
            .adopt(self.number, pry!(self.handle.try_clone()));
        let verbs = Verbs {
            server: self.server.clone(),
            number: self.number,
        };
        results.get().set_executor(capnp_rpc::new_client(verbs));
        Promise::ok(())
    }
}

/// Translation, nothing else.
struct Verbs {
    server: Rc<Server>,
    number: u64,
}

impl executor::Server for Verbs {
    fn describe(
        &mut self,
        _: executor::DescribeParams,
        mut results: executor::DescribeResults,
    ) -> Promise<(), Error> {
        let mut description = results.get().init_description();
        description.set_name(NAME);
        description.set_version(VERSION);
        description.set_protocol_version(self.server.session.bootstrap.common_version());
        description.set_can_interrupt(true);
        Promise::ok(())
    }

    fn probe(
        &mut self,
        _: executor::ProbeParams,
        mut results: executor::ProbeResults,
    ) -> Promise<(), Error> {
        self.server
            .session
            .describe_status(results.get().init_status());
        Promise::ok(())
    }

    fn run(&mut self, params: executor::RunParams, _: executor::RunResults) -> Promise<(), Error> {
        let params = pry!(params.get());
        let paths = pry!(params.get_output());
        let output = OutputPaths {
            stdout: pry!(paths.get_stdout()).into(),
            stderr: pry!(paths.get_stderr()).into(),
            result: pry!(paths.get_result()).into(),
        };
        let id = pry!(params.get_calculation_id());
        self.server
            .session
            .run(id, pry!(params.get_code()), &output);
        Promise::ok(())
    }

    fn interrupt(
        &mut self,
        params: executor::InterruptParams,
        _: executor::InterruptResults,
    ) -> Promise<(), Error> {
        self.server
            .session
            .interrupt(pry!(pry!(params.get()).get_calculation_id()));
        Promise::ok(())
    }

    fn kill(
        &mut self,
        params: executor::KillParams,
        _: executor::KillResults,
    ) -> Promise<(), Error> {
        self.server
            .session
            .kill(pry!(pry!(params.get()).get_calculation_id()));
        Promise::ok(())
    }

    fn terminate(
        &mut self,
        params: executor::TerminateParams,
        _: executor::TerminateResults,
    ) -> Promise<(), Error> {
        let grace_ms = pry!(params.get()).get_grace_ms();
        self.server
            .session
            .terminate(grace_ms, "The session was asked to end.");
        Promise::ok(())
    }

    fn watch(
        &mut self,
        params: executor::WatchParams,
        _: executor::WatchResults,
    ) -> Promise<(), Error> {
        let params = pry!(params.get());
        self.server
            .watch(self.number, params.get_from(), pry!(params.get_sink()));
        Promise::ok(())
    }

    fn acknowledge(
        &mut self,
        params: executor::AcknowledgeParams,
        _: executor::AcknowledgeResults,
    ) -> Promise<(), Error> {
        self.server
            .session
            .acknowledge(pry!(params.get()).get_through());
        Promise::ok(())
    }
}
