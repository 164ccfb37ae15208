//! Descriptor 3: what the daemon says at the start, and the answer.

use std::collections::HashMap;
use std::ffi::CString;
use std::io::Write;
use std::os::unix::io::FromRawFd;
use std::os::unix::net::UnixStream;

use capnp::message::{Builder, ReaderOptions};

use crate::executor_capnp::{bootstrap, greeting};
use crate::processes::Identity;
use crate::PROTOCOL_VERSION;

const LIFELINE_FD: i32 = 3;

pub struct Bootstrap {
    pub protocol_version: u32,
    pub session_id: String,
    pub key: Vec<u8>,
    pub session_directory: String,
    pub coordinator_executor_id: String,
    pub dpus: u32,
    #[allow(dead_code)] // this executor has none
    pub settings: HashMap<String, String>,
    pub lease_seconds: u32,
    pub min_free_mib: u32,
    pub kernel_restarts: u32,
}

impl Bootstrap {
    pub fn common_version(&self) -> u32 {
        self.protocol_version.min(PROTOCOL_VERSION)
    }
}

/// Whether descriptor 3 is open. It is not for those who run our code.
pub fn is_started_by_daemon() -> bool {
    unsafe { libc::fcntl(LIFELINE_FD, libc::F_SETFD, libc::FD_CLOEXEC) == 0 }
}

pub fn lifeline() -> UnixStream {
    unsafe { UnixStream::from_raw_fd(LIFELINE_FD) }
}

/// Nothing if the daemon died before it had written the message.
pub fn read(lifeline: &mut UnixStream) -> Result<Option<Bootstrap>, String> {
    let options = ReaderOptions::new();
    let message = match capnp::serialize::try_read_message(lifeline, options) {
        Ok(Some(message)) => message,
        Ok(None) => return Ok(None),
        Err(error) if error.kind == capnp::ErrorKind::Disconnected => return Ok(None),
        Err(error) => return Err(format!("The bootstrap message cannot be read: {error}")),
    };
    let parsed = message.get_root().and_then(parse);
    let bootstrap = parsed.map_err(|e| format!("The bootstrap message cannot be read: {e}"))?;
    if bootstrap.protocol_version < 1 {
        return Err("The daemon speaks no version of the protocol.".into());
    }
    if bootstrap.session_id.is_empty() || bootstrap.key.len() != 32 || bootstrap.dpus == 0 {
        return Err("The bootstrap message names no session.".into());
    }
    Ok(Some(bootstrap))
}

fn parse(from: bootstrap::Reader) -> capnp::Result<Bootstrap> {
    let mut settings = HashMap::new();
    for setting in from.get_settings()?.iter() {
        settings.insert(
            setting.get_name()?.to_string(),
            setting.get_value()?.to_string(),
        );
    }
    Ok(Bootstrap {
        protocol_version: from.get_protocol_version(),
        session_id: from.get_session_id()?.to_string(),
        key: from.get_key()?.to_vec(),
        session_directory: from.get_session_directory()?.to_string(),
        coordinator_executor_id: from.get_coordinator_executor_id()?.to_string(),
        dpus: from.get_dpus(),
        settings,
        lease_seconds: from.get_lease_seconds(),
        min_free_mib: from.get_min_free_mib(),
        kernel_restarts: from.get_kernel_restarts(),
    })
}

/// Enters the session directory, for good, and says there who we are.
pub fn prepare(bootstrap: &Bootstrap) -> Result<(), String> {
    unsafe { libc::umask(0o027) };
    let directory = CString::new(bootstrap.session_directory.as_str()).unwrap_or_default();
    if unsafe { libc::chdir(directory.as_ptr()) } != 0 {
        let error = std::io::Error::last_os_error();
        return Err(format!("The session directory cannot be entered: {error}"));
    }
    Identity::of_this_process(&bootstrap.session_id)
        .and_then(|identity| identity.write())
        .and_then(|()| std::fs::create_dir_all("work"))
        .map_err(|error| format!("The session directory cannot be used: {error}"))
}

/// A daemon that is gone already is noticed elsewhere.
pub fn greet(lifeline: &mut UnixStream, version: u32, refusal: &str) {
    let mut message = Builder::new_default();
    let mut greeting = message.init_root::<greeting::Builder>();
    greeting.set_protocol_version(version);
    greeting.set_pid(std::process::id());
    greeting.set_refusal(refusal);
    let _ = lifeline.write_all(&capnp::serialize::write_message_to_words(&message));
}
