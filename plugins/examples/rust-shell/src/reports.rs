//! The reports that the daemon has not acknowledged: numbered, kept to be sent and sent again, and
//! in the spool for a daemon that comes back when this process is gone.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use capnp::message::{Builder, ReaderOptions};
use tokio::sync::Notify;

use crate::executor_capnp::{report, report_sink};

const BATCH_MAX: usize = 1000;

pub struct ReportLog {
    spool: Option<File>,
    spool_size: u64,
    last_number: u64,
    pending: VecDeque<Vec<u8>>, // framed messages
    /// Told of each report and each acknowledgement.
    pub changed: Rc<Notify>,
}

impl ReportLog {
    pub fn new() -> ReportLog {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600);
        let spool = options
            .open("spool")
            .and_then(|file| file.set_len(0).map(|()| file));
        if let Err(error) = &spool {
            eprintln!("the spool cannot be opened: {error}");
        }
        ReportLog {
            spool: spool.ok(),
            spool_size: 0,
            last_number: 0,
            pending: VecDeque::new(),
            changed: Rc::new(Notify::new()),
        }
    }

    pub fn last_number(&self) -> u64 {
        self.last_number
    }

    pub fn acknowledged_through(&self) -> u64 {
        self.last_number - self.pending.len() as u64
    }

    /// Gives the report the next number and the present time.
    pub fn append(&mut self, fill: impl FnOnce(report::Builder)) {
        self.last_number += 1;
        let mut message = Builder::new_default();
        let mut report = message.init_root::<report::Builder>();
        report.set_number(self.last_number);
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        report.set_time_ms(now.as_millis() as i64);
        fill(report);
        let bytes = capnp::serialize::write_message_to_words(&message);
        self.write_spool(&bytes);
        self.pending.push_back(bytes);
        self.changed.notify_waiters();
    }

    /// One that cannot be spooled is still sent. Half of one would hide those behind it.
    fn write_spool(&mut self, bytes: &[u8]) {
        if let Some(spool) = &mut self.spool {
            match spool.write_all(bytes) {
                Ok(()) => self.spool_size += bytes.len() as u64,
                Err(error) => {
                    eprintln!("report {} cannot be spooled: {error}", self.last_number);
                    let _ = spool.set_len(self.spool_size);
                }
            }
        }
    }

    /// Numbers not given out yet are taken as the last.
    pub fn acknowledge(&mut self, through: u64) {
        while !self.pending.is_empty() && self.acknowledged_through() < through {
            self.pending.pop_front();
        }
        if let (true, Some(spool)) = (self.pending.is_empty(), &self.spool) {
            if spool.set_len(0).is_ok() {
                self.spool_size = 0;
            }
        }
        self.changed.notify_waiters();
    }

    /// A call that delivers what there is from that number on, and the number to go on from.
    pub fn batch(
        &self,
        from: u64,
        sink: &report_sink::Client,
    ) -> capnp::Result<Option<(DeliverRequest, u64)>> {
        let oldest = self.acknowledged_through() + 1;
        let begin = from.saturating_sub(oldest).min(self.pending.len() as u64) as usize;
        let count = (self.pending.len() - begin).min(BATCH_MAX);
        if count == 0 {
            return Ok(None);
        }
        let mut request = sink.deliver_request();
        let list = request.get().init_reports(count as u32);
        for (index, bytes) in self.pending.iter().skip(begin).take(count).enumerate() {
            let mut slice = bytes.as_slice();
            let options = ReaderOptions::new();
            let message = capnp::serialize::read_message_from_flat_slice(&mut slice, options)?;
            list.set_with_caveats(index as u32, message.get_root::<report::Reader>()?)?;
        }
        Ok(Some((request, oldest + (begin + count) as u64)))
    }
}

type DeliverRequest = capnp::capability::Request<
    report_sink::deliver_params::Owned,
    report_sink::deliver_results::Owned,
>;
