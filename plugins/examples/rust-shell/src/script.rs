//! One calculation's code: a script for /bin/sh, in a process group of its own.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::io::AsRawFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::processes::{kill_round, leftovers, LABEL};

const LEFTOVERS_INTERVAL: Duration = Duration::from_millis(5);

/// Who still holds the pipes when nothing of the session runs any more has hidden well.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

const CHECK_EVERY_BYTES: u64 = 1 << 20;

/// How the code ended.
pub enum End {
    ReachedItsEnd,
    RaisedAnError(String),
    /// What ran it died.
    Died(String),
}

/// A file that output is appended to, with a reserve of its disk that is not for output.
pub struct OutputFile {
    file: File,
    min_free_bytes: u64,
    unchecked_bytes: u64,
    error: Option<String>,
}

impl OutputFile {
    /// Creates the file and its directories, or opens it to append.
    pub fn open(path: &str, min_free_mib: u32) -> Result<OutputFile, String> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o640);
        let opened = options
            .open(path)
            .or_else(|error| match Path::new(path).parent() {
                Some(directory) if error.kind() == io::ErrorKind::NotFound => {
                    fs::create_dir_all(directory).and_then(|()| options.open(path))
                }
                _ => Err(error),
            });
        Ok(OutputFile {
            file: opened.map_err(|e| format!("output file {path} cannot be created: {e}"))?,
            min_free_bytes: u64::from(min_free_mib) << 20,
            unchecked_bytes: CHECK_EVERY_BYTES,
            error: None,
        })
    }

    /// What follows a failure is not in the file.
    fn write(&mut self, bytes: &[u8]) {
        if self.error.is_some() {
            return;
        }
        if !self.leaves_reserve(bytes.len() as u64) {
            self.error = Some("output cannot be written: the disk is nearly full".into());
        } else if let Err(error) = self.file.write_all(bytes) {
            self.error = Some(format!("output cannot be written: {error}"));
        }
    }

    /// Looks at the first write and then every megabyte.
    fn leaves_reserve(&mut self, bytes: u64) -> bool {
        self.unchecked_bytes += bytes;
        if self.min_free_bytes == 0 || self.unchecked_bytes < CHECK_EVERY_BYTES {
            return true;
        }
        self.unchecked_bytes = 0;
        let mut disk = unsafe { std::mem::zeroed::<libc::statvfs>() };
        if unsafe { libc::fstatvfs(self.file.as_raw_fd(), &mut disk) } != 0 {
            return true;
        }
        disk.f_bavail * disk.f_frsize >= self.min_free_bytes + bytes
    }
}

pub struct Script {
    child: Child,
    pub group: i32,
    copies: [JoinHandle<Option<String>>; 2],
}

impl Script {
    pub fn start(
        code: &str,
        session: &str,
        stdout: OutputFile,
        stderr: OutputFile,
    ) -> io::Result<Script> {
        fs::write("script", code)?;
        let mut command = Command::new("/bin/sh");
        command.arg("../script").current_dir("work");
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8");
        command.env(LABEL, session);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let parent = std::process::id() as i32;
        unsafe { command.pre_exec(move || become_dependent_group(parent)) };
        let mut child = command.spawn()?;
        let group = child.id().map_or(0, |pid| pid as i32);
        let copies = [
            tokio::task::spawn_local(copy(child.stdout.take(), stdout)),
            tokio::task::spawn_local(copy(child.stderr.take(), stderr)),
        ];
        Ok(Script {
            child,
            group,
            copies,
        })
    }

    /// The shell's end. May be given up and called again.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// A calculation ends with everything that it started, in the background and detached, too.
    /// All output is in the files then.
    pub async fn end(self, status: io::Result<ExitStatus>, session: &str) -> End {
        let executor = std::process::id() as i32;
        while kill_round(|| leftovers(session, executor)) {
            tokio::time::sleep(LEFTOVERS_INTERVAL).await;
        }
        let mut output_error = None;
        for mut copy in self.copies {
            match tokio::time::timeout(LAST_OUTPUT, &mut copy).await {
                Ok(copied) => output_error = output_error.or(copied.ok().flatten()),
                Err(_) => copy.abort(),
            }
        }
        judge(status, output_error)
    }
}

fn judge(status: io::Result<ExitStatus>, output_error: Option<String>) -> End {
    let status = match status {
        Ok(status) => status,
        Err(error) => return End::Died(format!("The shell cannot be waited for: {error}.")),
    };
    match (status.code(), status.signal(), output_error) {
        (Some(0), _, None) => End::ReachedItsEnd,
        (Some(0), _, Some(error)) => End::RaisedAnError(error),
        (Some(code), _, _) => End::RaisedAnError(format!("exit status {code}")),
        (_, Some(libc::SIGINT), _) => End::RaisedAnError("interrupted".into()),
        (_, signal, _) => End::Died(format!(
            "The shell died: killed by signal {}.",
            signal.unwrap_or(0)
        )),
    }
}

/// In the child, before it becomes the shell.
fn become_dependent_group(parent: i32) -> io::Result<()> {
    unsafe {
        libc::setpgid(0, 0);
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        // Whoever died before that sends no signal any more.
        if libc::getppid() != parent {
            libc::_exit(127);
        }
    }
    Ok(())
}

/// Until every writer has closed the pipe. Answers what went wrong with the file.
async fn copy(pipe: Option<impl AsyncRead + Unpin>, mut file: OutputFile) -> Option<String> {
    let mut pipe = pipe?;
    let mut bytes = vec![0; 65536];
    loop {
        match pipe.read(&mut bytes).await {
            Ok(size) if size > 0 => file.write(&bytes[..size]),
            _ => return file.error,
        }
    }
}
