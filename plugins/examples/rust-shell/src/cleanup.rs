//! Ending what a session has left.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::processes::{kill_round, leftovers, members_of, signal_if, Identity};

const NOTHING_IS_LEFT: i32 = 0;
const SOMETHING_IS_LEFT: i32 = 1;
const REFUSED: i32 = 2;

const PATIENCE: Duration = Duration::from_secs(5);
const INTERVAL: Duration = Duration::from_millis(10);

/// The verb `cleanup`. Returns the exit status.
pub fn clean_up(directory: &str, force: bool) -> i32 {
    if let Err(error) = std::env::set_current_dir(directory) {
        eprintln!("{directory}: {error}");
        return REFUSED;
    }
    let identity = match Identity::read() {
        Some(identity) => identity,
        None => {
            println!("no executor has ever begun here: nothing is left");
            return NOTHING_IS_LEFT;
        }
    };
    if identity.is_alive() && !force {
        eprintln!(
            "executor {} of session {} is alive",
            identity.pid, identity.session
        );
        return REFUSED;
    }
    let is_done = end_executor(&identity)
        && (!identity.is_of_this_boot() || end_all(|| leftovers(&identity.session, identity.pid)));
    println!(
        "{}",
        if is_done {
            "nothing is left"
        } else {
            "something is left"
        }
    );
    if is_done {
        NOTHING_IS_LEFT
    } else {
        SOMETHING_IS_LEFT
    }
}

/// It is stopped first: as long as it is there, its process session is no stranger's.
fn end_executor(identity: &Identity) -> bool {
    signal_if(identity.pid, libc::SIGSTOP, || identity.is_alive());
    let while_alive = |pids: Vec<i32>| if identity.is_alive() { pids } else { vec![] };
    end_all(|| while_alive(members_of(identity.pid))) && end_all(|| while_alive(vec![identity.pid]))
}

/// False if that does not come true.
fn end_all(find: impl Fn() -> Vec<i32>) -> bool {
    let deadline = Instant::now() + PATIENCE;
    let mut told = Vec::new();
    loop {
        for pid in find() {
            if !told.contains(&pid) {
                println!("killing process {pid}");
                told.push(pid);
            }
        }
        if !kill_round(&find) {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(INTERVAL);
    }
}

/// A parent-death signal reaches the shell, and not what the shell has started. This child sees its
/// standard input end with this process, however it ends, and cleans up behind it.
pub fn leave_guard() -> std::io::Result<()> {
    let mut guard = Command::new("/bin/sh");
    guard.args(["-c", "read nothing; exec \"$0\" cleanup . --force"]);
    guard.arg(std::env::current_exe()?).stdin(Stdio::piped());
    unsafe {
        guard.pre_exec(|| {
            libc::setsid();
            Ok(())
        });
    }
    std::mem::forget(guard.spawn()?); // and with it the other end of its standard input
    Ok(())
}
