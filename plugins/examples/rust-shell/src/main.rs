//! An executor that speaks executor.capnp by itself: each calculation is a script for /bin/sh, run
//! by a shell of its own. That shell is the kernel of the contract: it is there while code runs,
//! and dies if a signal ends it.

mod bootstrap;
mod cleanup;
#[path = "../schema/executor_capnp.rs"]
#[allow(dead_code, unused_parens, clippy::all)]
mod executor_capnp;
mod handshake;
mod processes;
mod reports;
mod script;
mod server;
mod session;
mod usage;

use std::process::exit;
use std::time::Duration;

use bootstrap::Bootstrap;

pub const NAME: &str = "rust-shell";
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
pub const PROTOCOL_VERSION: u32 = executor_capnp::PROTOCOL_VERSION;

const TERMINATION_GRACE_MS: u32 = 5000;
const ACKNOWLEDGEMENT_TIMEOUT: Duration = Duration::from_secs(10);

const USAGE: &str = "\
usage: glaux-executor-rust-shell describe
       glaux-executor-rust-shell cleanup SESSION_DIRECTORY [--force]
Otherwise started by glauxd, with its bootstrap message on descriptor 3.";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["describe"] => println!("{}", description()),
        ["cleanup", directory] => exit(cleanup::clean_up(directory, false)),
        ["cleanup", directory, "--force"] => exit(cleanup::clean_up(directory, true)),
        ["--help"] => println!("{USAGE}"),
        [] if bootstrap::is_started_by_daemon() => exit(start()),
        _ => {
            eprintln!("{USAGE}");
            exit(2)
        }
    }
}

fn description() -> serde_json::Value {
    serde_json::json!({
        "name": NAME,
        "version": VERSION,
        "protocol": PROTOCOL_VERSION,
        "capabilities": {"interrupt": true, "resume": false},
        "kernels": []
    })
}

fn start() -> i32 {
    let mut lifeline = bootstrap::lifeline();
    let bootstrap = match bootstrap::read(&mut lifeline) {
        Ok(Some(bootstrap)) => bootstrap,
        Ok(None) => return 0,
        Err(refusal) => {
            bootstrap::greet(&mut lifeline, PROTOCOL_VERSION, &refusal);
            return 1;
        }
    };
    if let Err(refusal) = bootstrap::prepare(&bootstrap) {
        bootstrap::greet(&mut lifeline, PROTOCOL_VERSION, &refusal);
        return 1;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let tasks = tokio::task::LocalSet::new();
    match tasks.block_on(&runtime.expect("an event loop"), serve(bootstrap, lifeline)) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    }
}

async fn serve(
    bootstrap: Bootstrap,
    mut lifeline: std::os::unix::net::UnixStream,
) -> std::io::Result<()> {
    let version = bootstrap.common_version();
    cleanup::leave_guard()?;
    let mut sigterm = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let session = session::Session::start(bootstrap);
    let server = server::Server::listen(session.clone())?;
    bootstrap::greet(&mut lifeline, version, "");

    lifeline.set_nonblocking(true)?;
    let lifeline = tokio::net::UnixStream::from_std(lifeline)?;
    tokio::task::spawn_local(async move { server.watch_lifeline(lifeline).await });

    let terminated = session.clone();
    tokio::task::spawn_local(async move {
        while sigterm.recv().await.is_some() {
            terminated.terminate(TERMINATION_GRACE_MS, "The executor was asked to terminate.");
        }
    });

    session.wait_until_ended().await;
    // The daemon may be about to connect for the first time, or to come back.
    let _ = tokio::time::timeout(ACKNOWLEDGEMENT_TIMEOUT, session.wait_until_acknowledged()).await;
    Ok(())
}
