@0xae55f512c98ef51f;
# The executor contract, version 1.
#
# This file is the specification for authors of executors in any language. A C++ author subclasses
# `plugins/sdk/executor.h` instead and gets everything below except the verbs for free.
#
# **What an executor is.** One process that runs the calculations of one session. The daemon starts
# it and talks to it, but the executor outlives the daemon: a daemon that is restarted or upgraded
# finds its executors again and carries on. Nothing in this contract lets the daemon's absence lose
# a report or run code twice.
#
# **The life of an executor**
#
#   1. The daemon creates the session directory (mode 0700) and starts the executable, in its own
#      process group, with descriptor 3 one end of a stream socket pair, stdin at /dev/null and no
#      other descriptor of the daemon's. Nothing is said in argv or the environment.
#   2. The daemon writes one `Bootstrap` message to the descriptor.
#   3. The executor first writes `identity.json` into the session directory, atomically (a temporary
#      file, renamed), so that whatever happens next it can be found. It then starts to prepare the
#      session: **the bootstrap message is the start verb**. There is no start call to wait for,
#      because start-up time is what a user feels.
#   4. It listens on the unix socket `executor.sock` (mode 0600) in the session directory and writes
#      one `Greeting` message back on descriptor 3.
#   5. The daemon connects, the two prove to each other that they hold the session's key
#      (`Handshake`), and the daemon asks for reports (`Executor.watch`).
#   6. Calculations run one at a time, each by one call of `Executor.run`.
#   7. The session ends: by `terminate`, by the end of the lease, or because whatever runs the code
#      died and is not started again. `sessionEnded` is the last report. When it has been acknowledged, or after ten
#      seconds, the executor exits with status 0; unacknowledged reports stay in the spool. Any other
#      status asks the daemon to clean up (`cleanup`, below).
#
# **The lifeline.** The daemon that started the executor keeps its end of descriptor 3 open as long
# as it lives. If the descriptor reaches its end before a daemon has authenticated once, the daemon
# died between starting and finding the executor: it is lost as by a connection that ends. After the
# first authentication the descriptor has a meaning only to a session without a lease.
#
# **Losing the daemon.** A connection that ends after authentication starts the lease
# (`Bootstrap.leaseSeconds`). Within it the executor goes on as before: code runs, output is
# written, reports are numbered and spooled. A daemon that authenticates in time stops the clock.
# When the lease runs out the executor ends the session in order, as for `terminate(5000)`.
# A lease of 0 means that the session ends with the daemon that started it: as soon as the
# connection or the lifeline ends, also if another daemon has authenticated by then; that one is
# told how the session ended.
# At most one connection counts: the latest authenticated one. An executor closes the earlier one.
#
# **When what runs the code dies** (here called the kernel, whatever it is), by itself or by `kill`,
# the executor may start it again, as often as `Bootstrap.kernelRestarts` says. It then reports
#
#     kernelDied, calculationFinished (if code was running), COORDINATOR CREATING, CREATED,
#     REGISTERED, sessionReady
#
# and the session goes on with a fresh kernel that knows nothing of the old one's variables. Nothing
# of the old kernel is left by `kernelDied`. A calculation that had not started waits for the fresh
# kernel; no code runs again. Usage totals go on, under the same ids. If the fresh kernel does not
# come up, or too many have died, or an executor cannot do this at all, the session ends as failed.
#
# **When what runs the code is out of reach** but may be alive, such as a container whose engine does
# not answer, the executor reports `degraded`, and `recovered` once it is in reach again and all its
# output is accounted for. In between code may run on and even finish; `interrupt` and `kill` take
# effect when they can. The daemon decides how long it waits.
#
# **When the executor dies**, its session ends as failed. On SIGKILL of the executor the code must end
# with it; on Linux, give the children a parent-death signal. An executor whose code lives elsewhere,
# such as a container, can do better and say `"resume": true` in its description: the code then goes
# on, and the daemon starts the executable again for the same session, with `Bootstrap.resume`. The
# new process finds in the session directory what the old one left, numbers its reports on from
# there, remembers every id that was ever given to `run`, and reports `degraded` first. Then either
# `recovered`, if the code was found and nothing of its output is missing, or what happened to it:
# `kernelDied` and so on, or `sessionEnded`. No code runs again. The COORDINATOR's states are not
# repeated, unless a fresh kernel is started.
#
# **Signals.** SIGTERM means `terminate(5000)`.
#
# **Encoding.** The messages on descriptor 3 and in the spool use Cap'n Proto's standard stream
# framing. The socket speaks two-party Cap'n Proto RPC whose bootstrap capability is `Handshake`.
# Ids are text, UUIDs as the daemon writes them, and opaque to the executor. Times are milliseconds
# since the Unix epoch by the executor's clock; they say when something happened, never in which
# order: the report numbers do.
#
# **Versions.** `Bootstrap.protocolVersion` is the newest version the daemon speaks,
# `Greeting.protocolVersion` the version this session will use, which must not be newer. Fields,
# enumerants, report kinds and methods are added at the end and never change meaning; a receiver
# ignores what it does not know: a report of an unknown kind, type or state counts as received and
# says nothing, an unknown outcome or ending counts as failed. The version grows only when that is
# not enough.
#
# **On the command line**, `<executable> describe` prints one JSON object and exits with status 0
# within five seconds, without side effects:
#
#     {"name": "process", "version": "0.1.0", "protocol": 1,
#      "capabilities": {"interrupt": true, "resume": false}, "kernels": ["python3"]}
#
# The daemon asks when it loads the plugin, so that a session with an unknown kernel is refused
# when it is requested rather than failing later. An empty `kernels` means: any name will do.
#
# `<executable> cleanup <session directory>` ends whatever a session has left: the kernel, what its
# code started, containers. It needs neither daemon nor executor, goes by recorded identities and
# labels and never by a bare pid, may be repeated, and says on stdout what it did. Exit status: 0
# nothing is left, 1 something is, 2 the executor itself is alive and was left in peace (or the call
# was wrong). With `--force` behind the directory it ends the executor, too. Files stay: the spool is
# for the daemon.
#
# So that they can be found, everything that runs code carries GLAUX_SESSION_ID=<session id> in its
# environment, or as a label of its container.
#
# **A plugin** is a directory `<executors>/<name>/` with `manifest.json`:
#
#     {"name": "process", "executable": "glaux-executor-process", "protocol": 1,
#      "settings": {"kernel": "python3"}}
#
# `executable` is relative to the directory. `settings` are text; the operator's configuration is
# laid over them and the whole reaches the executor as `Bootstrap.settings`. Optional is
#
#      "needs": {"socket": "a container engine"}
#
# which names settings that are paths of unix sockets, and what listens there: as long as nobody does,
# sessions are refused when they are requested.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("glaux::plugins::protocol");

const protocolVersion :UInt32 = 1;

# ==================================================================================================
# Descriptor 3

struct Bootstrap {
  # Daemon to executor: everything an executor needs to know, once.

  protocolVersion @0 :UInt32;
  sessionId @1 :Text;

  key @2 :Data;
  # 32 random bytes, known to this executor and the daemon only. Prove it (`Handshake`), never send,
  # log or store it.

  sessionDirectory @3 :Text;
  # Absolute path of an existing directory, mode 0700, private to this session. The executor keeps
  # `executor.sock`, `identity.json`, `spool` and whatever else it needs in it, and only there. The
  # path may be longer than a unix socket address can hold: bind with a relative path.

  coordinatorExecutorId @4 :Text;
  # Id under which the process that runs the code appears in reports as the COORDINATOR.

  dpus @5 :UInt32;
  # What one millisecond of a running calculation costs, in DPU-milliseconds. At least 1.

  settings @6 :List(Setting);

  leaseSeconds @7 :UInt32;
  # How long to go on without a daemon. 0: not at all, end when the connection is lost.

  minFreeMib @8 :UInt32;
  # MiB of an output file's disk that are not for output. While less is free, writing output fails
  # as on a full disk, so that code that prints without end takes the disk from nobody else.

  kernelRestarts @9 :UInt32;
  # How many deaths of a kernel within ten minutes are answered with a fresh one. The next one ends
  # the session; 0: the first does. A kernel that died of `Executor.kill` is not counted, but with 0
  # it is not replaced either.

  resume @10 :Bool;
  # This process takes the place of the session's executor, which died. Only for executors whose
  # description says that they can.

  journaledThrough @11 :UInt64;
  # Number of the last report that the daemon has journaled. The first report of an executor that
  # takes another's place is numbered one higher than this or, if that is more, than the last report
  # in the spool. 0 for a new session.

  sessionDpus @12 :UInt32;
  # What the session holds of the node's capacity: the measure for limits of processor and memory.

  instanceId @13 :Text;
  # Names the daemon's installation for as long as its state exists, for labels of what must be told
  # apart from the belongings of another glauxd. Not empty.
}

struct Setting {
  name @0 :Text;
  value @1 :Text;
}

struct Greeting {
  # Executor to daemon, once, when the socket listens.

  protocolVersion @0 :UInt32;
  pid @1 :UInt32;

  refusal @2 :Text;
  # Not empty: the executor cannot serve this session at all (it speaks no such version, a setting
  # makes no sense) and exits. The text is for the user. Failures that come later are reported by
  # `sessionEnded`.
}

# identity.json: {"pid": 4711, "start_time_ticks": 123456, "boot_id": "…", "session": "…"}
#
# `start_time_ticks` is field 22 of /proc/<pid>/stat, `boot_id` is /proc/sys/kernel/random/boot_id.
# The three together name one process for ever; a bare pid names whatever has it today.

# ==================================================================================================
# The socket

interface Handshake {
  # The bootstrap capability. Both sides prove that they hold the key before anything else is said,
  # and the key itself never travels. With
  #
  #     proof(role) = HMAC-SHA256(key, role || callerNonce || executorNonce || sessionId)
  #
  # where role is the ASCII text "executor" or "daemon" and the nonces are 32 random bytes each:

  challenge @0 (callerNonce :Data) -> (executorNonce :Data, proof :Data);
  # The executor's proof, role "executor". A nonce that is not 32 bytes long is refused. A second
  # call replaces the nonces of the first.

  authenticate @1 (proof :Data) -> (executor :Executor);
  # The caller's proof, role "daemon", over the nonces of the last `challenge` on this connection,
  # which are then spent. A wrong proof is an exception.
  #
  # Besides, the executor refuses peers of another user (SO_PEERCRED).
}

interface Executor {
  # Calls are handled in the order they arrive. All answer at once: what they cause is told by
  # reports. All may be repeated, which is what a daemon does that does not know whether its last
  # call arrived. An exception means the connection is of no further use.

  describe @0 () -> (description :Description);

  probe @1 () -> (status :Status);
  # Read only: starts nothing, changes nothing, may be called in any phase.

  run @2 (calculationId :Text, code :Text, output :OutputPaths);
  # Runs the code, once. **The same id is never run twice** in the life of a session, also after it
  # has finished: a repeated call is ignored and its reports stay what they were.
  #
  # May be called before `sessionReady`; the code then waits for it. Every id given to `run` before
  # `sessionEnded` gets exactly one `calculationFinished`: also one that cannot run, because another
  # calculation is running or the session is ending (outcome failed, with the reason).
  #
  # The three output files exist before the code starts. They are appended to with unbuffered
  # writes while it runs, and hold everything it printed before `calculationFinished` is reported.

  interrupt @3 (calculationId :Text);
  # Asks the code to stop. Keeps asking, about once a second, until it has. Ignored for an id that
  # is not waiting or running. The outcome is canceled if the code then stopped short of its end,
  # completed if it reached its end all the same.

  kill @4 (calculationId :Text);
  # For code that ignores `interrupt`: ends the kernel, by force. The calculation finishes as
  # canceled, and the session goes on with a fresh kernel or ends as failed, see above. Ignored for
  # an id that is not waiting or running.

  terminate @5 (graceMs :UInt32);
  # Ends the session in order. A running calculation is interrupted and, when the grace has passed,
  # killed; it finishes as canceled if it did not reach its end. Then `sessionEnded` clean.
  # A repeated call may shorten the grace, never extend it.

  watch @6 (from :UInt64, sink :ReportSink);
  # Delivers every report numbered `from` or higher that has not been acknowledged, then each new
  # one as it comes. A second call replaces the first.

  acknowledge @7 (through :UInt64);
  # The daemon has journaled all reports up to and including this number; the executor may forget
  # them. Numbers already acknowledged are ignored.
}

struct OutputPaths {
  # Absolute paths; directories and files are created, mode 0640, if they do not exist.

  stdout @0 :Text;
  stderr @1 :Text;
  # UTF-8 text. A Python exception ends stderr the way CPython prints it, without the line
  # "Traceback (most recent call last):" and with `<stdin>` as the name of the code block.

  result @2 :Text;
  # JSON Lines, one object for each rich output in the order they came:
  # {"type": "execute_result" | "display_data", "data": {"<MIME type>": …}, "metadata": {…}}
}

struct Description {
  name @0 :Text;
  version @1 :Text;
  protocolVersion @2 :UInt32;
  # The one this session uses, as in its greeting.

  canInterrupt @3 :Bool;
  kernels @4 :List(Text);
  canResume @5 :Bool;
}

struct Status {
  phase @0 :Phase;
  enum Phase {
    starting @0;
    # Also while a kernel that died is being replaced.
    ready @1;
    ending @2;
    ended @3;
  }

  calculationId @1 :Text;
  # The calculation that is running or waits for the session to be ready; empty if none.

  lastReport @2 :UInt64;
  acknowledgedThrough @3 :UInt64;
  pid @4 :UInt32;
}

interface ReportSink {
  # Lives in the daemon.

  deliver @0 (reports :List(Report));
  # Consecutive reports. The executor sends the next batch when this call has returned, so a slow
  # daemon gets larger batches instead of a longer queue. Returning does not acknowledge.
}

# ==================================================================================================
# Reports

struct Report {
  # What has happened, numbered from 1 in the life of a session, without gaps. The order is part of
  # the contract:
  #
  #   - the COORDINATOR is reported CREATING first of all, CREATED when its process exists,
  #     REGISTERED immediately before `sessionReady`;
  #   - `sessionReady` comes at most once, before the first `calculationStarted`, and at most once
  #     more after each `kernelDied`, before the next `calculationStarted`;
  #   - `kernelDied` comes only after a `sessionReady`, before the `calculationFinished` of the code
  #     that was running;
  #   - `degraded` comes only after a `sessionReady`, and not again before `recovered` or another
  #     `sessionReady`; `recovered` only after `degraded`;
  #   - for one calculation: `calculationStarted`, then `progress` and `usage`, then
  #     `calculationFinished`; one that never started has only the last;
  #   - when the session ends: calculations finish, every executor is reported TERMINATED or
  #     FAILED, and `sessionEnded` is the last report.
  #
  # A report is appended to the file `spool` in the session directory, as one framed message, before
  # it is sent. The spool is emptied when everything in it has been acknowledged. It is not synced
  # to disk: it guards against the end of either process, and what a power cut would take from the
  # spool it takes from the session as well.

  number @0 :UInt64;
  timeMs @1 :Int64;

  union {
    sessionReady @2 :SessionReady;
    executorChanged @3 :ExecutorChanged;
    calculationStarted @4 :CalculationStarted;
    progress @5 :Progress;
    usage @6 :Usage;
    calculationFinished @7 :CalculationFinished;
    sessionEnded @8 :SessionEnded;
    kernelDied @9 :KernelDied;
    degraded @10 :Degraded;
    recovered @11 :Void;
    # What was out of reach is in reach again, and has lost nothing.
  }
}

struct SessionReady {
  # Code can run from now on. The fields name what runs it, as it names itself.

  implementation @0 :Text;
  language @1 :Text;
  languageVersion @2 :Text;
}

struct ExecutorChanged {
  executorId @0 :Text;
  type @1 :Type;
  state @2 :State;
  dpus @3 :UInt32;

  enum Type {
    coordinator @0;
    gateway @1;
    worker @2;
  }

  enum State {
    creating @0;
    created @1;
    registered @2;
    terminating @3;
    terminated @4;
    failed @5;
  }
}

struct CalculationStarted {
  calculationId @0 :Text;
}

struct Progress {
  calculationId @0 :Text;
  description @1 :Text;
  # For the user, not empty, such as "40%". Optional for executors.
}

struct Usage {
  # DPU-milliseconds: DPUs times milliseconds of a calculation's execution, at least 1 for one that
  # started. Time in which no calculation runs is not counted, so a session's total is the sum over
  # its calculations. Reported every second while a calculation runs, and with its end. An executor
  # that measures what its code uses may count more: as many DPUs as the processor time amounts to.
  #
  # Both numbers are running totals that never decrease, so a report that is lost, repeated or
  # superseded changes no sum.

  executorId @0 :Text;
  totalDpuMillis @1 :UInt64;
  # Of this executor since the session began.

  calculationId @2 :Text;
  calculationDpuMillis @3 :UInt64;
  # Of this calculation on all executors.

  cpuMillis @4 :UInt64;
  # Processor time of this calculation, of all cores together. The fields from here on are measured,
  # for instance by the container's control group, and 0 where nobody measures.

  peakMilliCpus @5 :UInt32;
  # The most processors in use at a time, in thousandths, over any second of this calculation.

  peakMemoryMib @6 :UInt64;
  # The most memory the session had in use so far.
}

struct CalculationFinished {
  calculationId @0 :Text;

  outcome @1 :Outcome;
  enum Outcome {
    completed @0;
    # The code reached its end.

    failed @1;
    # It raised an error, could not start, or what ran it died.

    canceled @2;
    # It was asked to stop, has stopped, and did not reach its end.
  }

  reason @2 :Text;
  # For failed, in one line for the user, such as "NameError: name 'foobar' is not defined".

  usage @3 :Usage;
  # The final totals. Absent for a calculation that never started.
}

struct SessionEnded {
  ending @0 :Ending;
  enum Ending {
    clean @0;
    # As asked: `terminate`, SIGTERM, the end of the lease.

    failed @1;
  }

  reason @1 :Text;
  # For the user.
}

struct KernelDied {
  # The kernel is gone, and all variables with it; a fresh one is being started. `sessionReady`
  # follows, or `sessionEnded`.

  reason @0 :Text;
  # For the user, such as "The kernel died: killed by signal 9 (SIGKILL)."
}

struct Degraded {
  reason @0 :Text;
  # For the user, such as "The container engine at /run/podman/podman.sock does not answer."
}
