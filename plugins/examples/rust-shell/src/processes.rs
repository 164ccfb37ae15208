//! Which process is which, and which belong to a session: by recorded identity and by label, never
//! by a bare pid.

use std::fs;
use std::io;

/// What runs code has this variable in its environment, with the session's id.
pub const LABEL: &str = "GLAUX_SESSION_ID";

/// identity.json: names one process for ever.
#[derive(PartialEq)]
pub struct Identity {
    pub pid: i32,
    pub start_time_ticks: u64,
    pub boot_id: String,
    pub session: String,
}

impl Identity {
    pub fn of_this_process(session: &str) -> io::Result<Identity> {
        let pid = std::process::id() as i32;
        let stat = Stat::of(pid).ok_or(io::ErrorKind::NotFound)?;
        Ok(Identity {
            pid,
            start_time_ticks: stat.start_time_ticks,
            boot_id: boot_id(),
            session: session.into(),
        })
    }

    /// Atomically: a reader finds no file or a whole one.
    pub fn write(&self) -> io::Result<()> {
        let json = serde_json::json!({
            "pid": self.pid,
            "start_time_ticks": self.start_time_ticks,
            "boot_id": self.boot_id,
            "session": self.session
        });
        fs::write("identity.json.new", format!("{json}\n"))?;
        fs::rename("identity.json.new", "identity.json")
    }

    pub fn read() -> Option<Identity> {
        let text = fs::read("identity.json").ok()?;
        let json: serde_json::Value = serde_json::from_slice(&text).ok()?;
        Some(Identity {
            pid: json["pid"].as_i64()? as i32,
            start_time_ticks: json["start_time_ticks"].as_u64()?,
            boot_id: json["boot_id"].as_str()?.into(),
            session: json["session"].as_str()?.into(),
        })
    }

    pub fn is_of_this_boot(&self) -> bool {
        self.boot_id == boot_id()
    }

    pub fn is_alive(&self) -> bool {
        self.is_of_this_boot()
            && Stat::of(self.pid).map_or(false, |s| s.start_time_ticks == self.start_time_ticks)
    }
}

fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .into()
}

/// proc(5), /proc/<pid>/stat. Of a process that runs; a zombie does not.
struct Stat {
    session: i32,
    start_time_ticks: u64,
}

impl Stat {
    fn of(pid: i32) -> Option<Stat> {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let text = String::from_utf8_lossy(&stat);
        let (_, behind_name) = text.rsplit_once(')')?;
        let fields: Vec<&str> = behind_name.split_whitespace().collect(); // from the third on
        if matches!(*fields.first()?, "Z" | "X") {
            return None;
        }
        Some(Stat {
            session: fields.get(3)?.parse().ok()?,
            start_time_ticks: fields.get(19)?.parse().ok()?,
        })
    }
}

fn running() -> Vec<(i32, Stat)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != std::process::id() as i32)
        .filter_map(|pid| Some((pid, Stat::of(pid)?)))
        .collect()
}

fn carries_label(pid: i32, session: &str) -> bool {
    let wanted = format!("{LABEL}={session}");
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .any(|entry| entry == wanted.as_bytes())
}

/// Members of the process session that this process leads, itself excepted.
pub fn members_of(leader: i32) -> Vec<i32> {
    let members = running()
        .into_iter()
        .filter(|(pid, stat)| stat.session == leader && *pid != leader);
    members.map(|(pid, _)| pid).collect()
}

/// Processes that carry the session's label. If one of them is in the process session that the
/// executor led, so do the others in there belong to it: as long as one member lives, no stranger
/// gets that number. Those others come first, so that nobody ends their witness before them.
pub fn leftovers(session: &str, leader: i32) -> Vec<i32> {
    let (labelled, others): (Vec<_>, Vec<_>) = running()
        .into_iter()
        .partition(|(pid, _)| carries_label(*pid, session));
    let pids_of = |found: Vec<(i32, Stat)>| found.into_iter().map(|(pid, _)| pid).collect();
    if labelled.iter().any(|(_, stat)| stat.session == leader) {
        let members: Vec<_> = others
            .into_iter()
            .filter(|(_, s)| s.session == leader)
            .collect();
        if !members.is_empty() {
            return pids_of(members);
        }
    }
    pids_of(labelled)
}

/// Signals the process if, now that it is held and its number can pass to no other, it still is
/// what it is taken for.
pub fn signal_if(pid: i32, signal: i32, is_still_the_one: impl FnOnce() -> bool) {
    unsafe {
        let held = libc::syscall(libc::SYS_pidfd_open, pid, 0) as i32;
        if held < 0 {
            return;
        }
        if is_still_the_one() {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                held,
                signal,
                std::ptr::null::<u8>(),
                0,
            );
        }
        libc::close(held);
    }
}

/// One round of ending what `find` answers. False if there was nothing.
pub fn kill_round(find: impl Fn() -> Vec<i32>) -> bool {
    let left = find();
    for pid in &left {
        signal_if(*pid, libc::SIGKILL, || find().contains(pid));
    }
    !left.is_empty()
}
