//! One session from its start to `sessionEnded`: turns verbs into what happens to scripts, and that
//! into reports. Knows nothing of sockets.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::Instant;

use crate::bootstrap::Bootstrap;
use crate::executor_capnp::calculation_finished::Outcome;
use crate::executor_capnp::executor_changed::{State as ExecutorState, Type as ExecutorType};
use crate::executor_capnp::session_ended::Ending;
use crate::executor_capnp::{status, usage};
use crate::reports::ReportLog;
use crate::script::{End, OutputFile, Script};
use crate::usage::{Meter, Totals};

const PERIOD: Duration = Duration::from_secs(1); // of usage reports, and of interrupts
const RESTART_WINDOW: Duration = Duration::from_secs(600);

pub use crate::executor_capnp::status::Phase;

pub struct OutputPaths {
    pub stdout: String,
    pub stderr: String,
    pub result: String,
}

struct Running {
    id: String,
    group: Option<i32>, // until the shell has been waited for
    stop_requested: bool,
    killed: bool,
}

struct State {
    phase: Phase,
    known_ids: HashSet<String>, // every one ever given to `run`
    running: Option<Running>,
    meter: Meter,
    deaths: VecDeque<Instant>,
    termination_reason: String,
    termination_deadline: Option<Instant>,
}

pub struct Session {
    pub bootstrap: Bootstrap,
    reports: RefCell<ReportLog>,
    state: RefCell<State>,
}

impl Session {
    /// A shell is started for each calculation, so there is nothing to wait for.
    pub fn start(bootstrap: Bootstrap) -> Rc<Session> {
        let session = Rc::new(Session {
            bootstrap,
            reports: RefCell::new(ReportLog::new()),
            state: RefCell::new(State {
                phase: Phase::Starting,
                known_ids: HashSet::new(),
                running: None,
                meter: Meter::default(),
                deaths: VecDeque::new(),
                termination_reason: String::new(),
                termination_deadline: None,
            }),
        });
        session.become_ready();
        session
    }

    pub fn reports(&self) -> Ref<ReportLog> {
        self.reports.borrow()
    }

    pub fn acknowledge(&self, through: u64) {
        self.reports.borrow_mut().acknowledge(through);
    }

    pub fn describe_status(&self, mut to: status::Builder) {
        let state = self.state.borrow();
        to.set_phase(state.phase);
        to.set_calculation_id(state.running.as_ref().map_or("", |running| &running.id));
        to.set_last_report(self.reports().last_number());
        to.set_acknowledged_through(self.reports().acknowledged_through());
        to.set_pid(std::process::id());
    }

    // ---- verbs

    pub fn run(self: &Rc<Self>, id: &str, code: &str, output: &OutputPaths) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended || !state.known_ids.insert(id.into()) {
            return;
        }
        let refusal = if state.running.is_some() {
            Some("Another calculation is running in the session.")
        } else if state.phase == Phase::Ending {
            Some("The session is ending.")
        } else {
            None
        };
        if let Some(reason) = refusal {
            return self.report_finished(id, Outcome::Failed, reason, None);
        }
        let script = match self.start_script(code, output) {
            Ok(script) => script,
            Err(reason) => return self.report_finished(id, Outcome::Failed, &reason, None),
        };
        let group = Some(script.group);
        state.running = Some(Running {
            id: id.into(),
            group,
            stop_requested: false,
            killed: false,
        });
        state.meter.begin();
        self.append(|report| report.init_calculation_started().set_calculation_id(id));
        spawn_local(self.clone().follow(script));
    }

    pub fn interrupt(&self, id: &str) {
        let mut state = self.state.borrow_mut();
        match &mut state.running {
            Some(running) if running.id == id => running.request_stop(),
            _ => (),
        }
    }

    pub fn kill(&self, id: &str) {
        let mut state = self.state.borrow_mut();
        match &mut state.running {
            Some(running) if running.id == id => {
                running.stop_requested = true;
                running.killed = true;
                running.signal(libc::SIGKILL);
            }
            _ => (),
        }
    }

    pub fn terminate(self: &Rc<Self>, grace_ms: u32, reason: &str) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Ended {
            return;
        }
        if state.phase != Phase::Ending {
            state.phase = Phase::Ending;
            state.termination_reason = reason.into();
            self.report_coordinator(ExecutorState::Terminating);
            match &mut state.running {
                Some(running) => running.request_stop(),
                None => return self.end(&mut state, Ending::Clean, reason),
            }
        }
        let deadline = Instant::now() + Duration::from_millis(grace_ms.into());
        if state
            .termination_deadline
            .map_or(true, |earlier| deadline < earlier)
        {
            state.termination_deadline = Some(deadline);
            spawn_local(self.clone().kill_at(deadline));
        }
    }

    // ---- what happens

    fn start_script(&self, code: &str, output: &OutputPaths) -> Result<Script, String> {
        let reserve = self.bootstrap.min_free_mib;
        let stdout = OutputFile::open(&output.stdout, reserve)?;
        let stderr = OutputFile::open(&output.stderr, reserve)?;
        OutputFile::open(&output.result, reserve)?;
        Script::start(code, &self.bootstrap.session_id, stdout, stderr)
            .map_err(|error| format!("The shell cannot be started: {error}"))
    }

    async fn follow(self: Rc<Self>, mut script: Script) {
        let status = loop {
            match tokio::time::timeout(PERIOD, script.wait()).await {
                Ok(status) => break status,
                Err(_) => self.another_second(),
            }
        };
        if let Some(running) = &mut self.state.borrow_mut().running {
            running.group = None;
        }
        let end = script.end(status, &self.bootstrap.session_id).await;
        self.script_ended(end);
    }

    fn another_second(&self) {
        let state = self.state.borrow();
        if let Some(running) = &state.running {
            let totals = state.meter.read(self.bootstrap.dpus);
            self.append(|report| self.fill_usage(report.init_usage(), &running.id, &totals));
            if running.stop_requested {
                running.signal(libc::SIGINT);
            }
        }
    }

    fn script_ended(&self, end: End) {
        let mut state = self.state.borrow_mut();
        let (stopped, killed) = match &state.running {
            Some(running) => (running.stop_requested, running.killed),
            None => return,
        };
        let is_ending = state.phase == Phase::Ending;
        match end {
            End::ReachedItsEnd => self.finish(&mut state, Outcome::Completed, ""),
            End::RaisedAnError(_) if stopped => self.finish(&mut state, Outcome::Canceled, ""),
            End::RaisedAnError(reason) => self.finish(&mut state, Outcome::Failed, &reason),
            End::Died(_) if is_ending => self.finish(&mut state, Outcome::Canceled, ""),
            End::Died(_) if killed => {
                let reason = "The shell was killed to stop a calculation that ignored interrupts.";
                return self.shell_died(&mut state, reason);
            }
            End::Died(reason) => return self.shell_died(&mut state, &reason),
        }
        if is_ending {
            let reason = std::mem::take(&mut state.termination_reason);
            self.end(&mut state, Ending::Clean, &reason);
        }
    }

    fn shell_died(&self, state: &mut State, reason: &str) {
        let running = state.running.as_ref();
        let killed = running.map_or(false, |running| running.killed);
        let stopped = running.map_or(false, |running| running.stop_requested);
        let outcome = if stopped {
            Outcome::Canceled
        } else {
            Outcome::Failed
        };
        let reason_of_code = if stopped { "" } else { reason };
        let restarts = self.bootstrap.kernel_restarts as usize;
        if restarts > 0 && (killed || state.may_restart(restarts)) {
            self.append(|report| report.init_kernel_died().set_reason(reason));
            self.finish(state, outcome, reason_of_code);
            self.announce();
        } else {
            self.finish(state, outcome, reason_of_code);
            self.end(state, Ending::Failed, reason);
        }
    }

    fn become_ready(&self) {
        self.announce();
        self.state.borrow_mut().phase = Phase::Ready;
    }

    fn announce(&self) {
        for state in [
            ExecutorState::Creating,
            ExecutorState::Created,
            ExecutorState::Registered,
        ] {
            self.report_coordinator(state);
        }
        self.append(|report| {
            let mut ready = report.init_session_ready();
            ready.set_implementation("sh");
            ready.set_language("POSIX shell");
        });
    }

    fn finish(&self, state: &mut State, outcome: Outcome, reason: &str) {
        let totals = state.meter.finish(self.bootstrap.dpus);
        if let Some(running) = state.running.take() {
            self.report_finished(&running.id, outcome, reason, Some(&totals));
        }
    }

    fn end(&self, state: &mut State, ending: Ending, reason: &str) {
        self.report_coordinator(match ending {
            Ending::Clean => ExecutorState::Terminated,
            Ending::Failed => ExecutorState::Failed,
        });
        state.phase = Phase::Ended;
        self.append(|report| {
            let mut ended = report.init_session_ended();
            ended.set_ending(ending);
            ended.set_reason(reason);
        });
    }

    async fn kill_at(self: Rc<Self>, deadline: Instant) {
        tokio::time::sleep_until(deadline).await;
        if let Some(running) = &self.state.borrow().running {
            running.signal(libc::SIGKILL);
        }
    }

    pub async fn wait_until_ended(&self) {
        self.wait_until(|| self.state.borrow().phase == Phase::Ended)
            .await
    }

    pub async fn wait_until_acknowledged(&self) {
        self.wait_until(|| self.reports().acknowledged_through() == self.reports().last_number())
            .await
    }

    /// Every change of a session is a report or an acknowledgement.
    async fn wait_until(&self, is_so: impl Fn() -> bool) {
        while !is_so() {
            let changed = self.reports().changed.clone();
            changed.notified().await;
        }
    }

    // ---- reports

    fn append(&self, fill: impl FnOnce(crate::executor_capnp::report::Builder)) {
        let mut reports: RefMut<ReportLog> = self.reports.borrow_mut();
        reports.append(fill);
    }

    fn report_coordinator(&self, state: ExecutorState) {
        self.append(|report| {
            let mut changed = report.init_executor_changed();
            changed.set_executor_id(&self.bootstrap.coordinator_executor_id);
            changed.set_type(ExecutorType::Coordinator);
            changed.set_state(state);
            changed.set_dpus(self.bootstrap.dpus);
        });
    }

    fn report_finished(&self, id: &str, outcome: Outcome, reason: &str, totals: Option<&Totals>) {
        self.append(|report| {
            let mut finished = report.init_calculation_finished();
            finished.set_calculation_id(id);
            finished.set_outcome(outcome);
            finished.set_reason(reason);
            if let Some(totals) = totals {
                self.fill_usage(finished.init_usage(), id, totals);
            }
        });
    }

    fn fill_usage(&self, mut usage: usage::Builder, id: &str, totals: &Totals) {
        usage.set_executor_id(&self.bootstrap.coordinator_executor_id);
        usage.set_total_dpu_millis(totals.session);
        usage.set_calculation_id(id);
        usage.set_calculation_dpu_millis(totals.calculation);
    }
}

impl Running {
    fn request_stop(&mut self) {
        if !std::mem::replace(&mut self.stop_requested, true) {
            self.signal(libc::SIGINT);
        }
    }

    fn signal(&self, signal: i32) {
        if let Some(group) = self.group {
            unsafe { libc::kill(-group, signal) };
        }
    }
}

impl State {
    /// One more death. False if there have been too many.
    fn may_restart(&mut self, restarts: usize) -> bool {
        self.deaths.retain(|death| death.elapsed() < RESTART_WINDOW);
        self.deaths.push_back(Instant::now());
        self.deaths.len() <= restarts
    }
}
