@0xff720b126ad934d3;
# What a journal record says, version 1. It is kept for ever, so:
#
#   1. Fields, events and enumerants are added at the end; ordinals are never reused or renumbered.
#   2. A field's meaning never changes. What is retired stays, renamed to obsolete…, with a reason.
#   3. Prefer a new event to a changed one; event_codec turns every old shape into today's.
#   4. A reader that meets an event it does not know stops: state without a fact would be wrong.
#   5. Every shape ever released has a golden file in tests/unit/daemon/core/golden.
#
# The journal stores sequence, time, kind, version and leaf hash beside the payload; this is the
# payload, one message in the standard stream framing, unpacked. Order in this file is by life
# cycle, not by ordinal.
#
# **Ids** are the 16 bytes of a UUID as two big-endian halves: high holds the first eight.
# **Times** are milliseconds since the Unix epoch, UTC.
# **Text** a client may leave away is a null pointer when it was left away, which is not "".
# **JSON** is the API's own structure as api/aws_json.h writes it: members in the model's order, maps
# sorted, absent members left out. A null pointer stands for {}.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("glaux::core::stored");

struct Record {
  # One command and what it caused.

  source @0 :Source;

  principal @1 :Text;
  # The access key id the request was signed with, "anonymous" for an unsigned one; empty if the
  # command came from no client.

  requestId @2 :Text;
  # The x-amzn-RequestId the client was answered with; empty if the command came from no client.

  operation @3 :Text;
  # The command: the API's name for a request ("StartSession"), ours for the rest
  # ("ReceiveReports", "RecordExecutorGone", "RecordExecutorLost", "RecordExecutorReplaced", "ReachDeadline").

  request :union {
    # The body of the request, byte for byte as the client sent it. It may not be valid UTF-8.

    none @4 :Void;
    json @5 :Data;
    blob @6 :Data;
    # SHA-256 of the body, which is one of the journal's blobs: for bodies over 16 KiB.
  }

  outcome :union {
    events @7 :List(Event);
    # In the order they happened. Empty: accepted, and changed nothing.

    rejection @8 :Rejection;
  }
}

enum Source {
  api @0;
  executor @1;
  deadline @2;
  daemon @3;
}

struct Rejection {
  # The error the client was answered with.

  type @0 :Text;
  # "InvalidRequestException"

  message @1 :Text;
  athenaErrorCode @2 :Text;
  resourceName @3 :Text;
  reason @4 :Text;
}

struct Event {
  union {
    workGroupCreated @0 :WorkGroupCreated;

    sessionStarted @1 :SessionStarted;
    sessionCreated @2 :SessionCreated;
    sessionBecameIdle @3 :SessionBecameIdle;
    sessionBecameBusy @4 :SessionBecameBusy;
    sessionDegraded @5 :SessionDegraded;
    sessionTerminationBegan @6 :SessionTerminationBegan;
    sessionKillBegan @7 :SessionKillBegan;
    sessionTerminated @8 :SessionTerminated;
    sessionFailed @9 :SessionFailed;

    executorChanged @10 :ExecutorChanged;
    reportsReceived @11 :ReportsReceived;
    usageRecorded @12 :UsageRecorded;

    calculationSubmitted @13 :CalculationSubmitted;
    calculationBegan @14 :CalculationBegan;
    calculationProgressed @15 :CalculationProgressed;
    calculationCancelRequested @16 :CalculationCancelRequested;
    calculationKillBegan @17 :CalculationKillBegan;
    calculationCompleted @18 :CalculationCompleted;
    calculationFailed @19 :CalculationFailed;
    calculationCanceled @20 :CalculationCanceled;

    tokenRemembered @21 :TokenRemembered;

    workGroupUpdated @22 :WorkGroupUpdated;
    workGroupDeleted @23 :WorkGroupDeleted;
    tagsChanged @24 :TagsChanged;

    notebookCreated @25 :NotebookCreated;
    notebookUpdated @26 :NotebookUpdated;
    notebookRenamed @27 :NotebookRenamed;
    notebookDeleted @28 :NotebookDeleted;

    calculationCodeRead @29 :CalculationCodeRead;
    calculationQueued @30 :CalculationQueued;
    calculationDequeued @31 :CalculationDequeued;

    sessionKernelDied @32 :SessionKernelDied;
  }
}

# ==================================================================================================
# Workgroups

struct WorkGroupCreated {
  # Sessions can be started under this name. The first record of a journal creates "primary".

  name @0 :Text;
  description @1 :Text;
  configuration @2 :Text;
  # JSON, WorkGroupConfiguration, defaults filled in.
  tags @3 :List(Tag);
}

struct Tag {
  key @0 :Text;
  value @1 :Text;
}

struct WorkGroupUpdated {
  # What the workgroup is from now on, all of it.

  name @0 :Text;
  state @1 :WorkGroupState;
  description @2 :Text;
  configuration @3 :Text;
  # JSON, WorkGroupConfiguration.
}

enum WorkGroupState {
  enabled @0;
  disabled @1;
}

struct WorkGroupDeleted {
  # The name is free again. Events before this one in the same record ended the workgroup's sessions
  # and deleted its notebooks.

  name @0 :Text;
}

struct TagsChanged {
  # All tags of a workgroup, or of one of its live sessions, from now on.

  workGroup @0 :Text;

  resource :union {
    workGroup @1 :Void;
    session :group { high @2 :UInt64; low @3 :UInt64; }
  }

  tags @4 :List(Tag);
}

# ==================================================================================================
# Notebooks

struct NotebookCreated {
  # A notebook exists under a name that no other of its workgroup has.

  notebook :group { high @0 :UInt64; low @1 :UInt64; }
  workGroup @2 :Text;
  name @3 :Text;
  content @4 :Data;
  # SHA-256 of the ipynb text, which is one of the journal's blobs.
}

struct NotebookUpdated {
  # Its content is another from now on.

  notebook :group { high @0 :UInt64; low @1 :UInt64; }
  content @2 :Data;
}

struct NotebookRenamed {
  notebook :group { high @0 :UInt64; low @1 :UInt64; }
  name @2 :Text;
}

struct NotebookDeleted {
  # It is gone for clients; the journal keeps its contents.

  notebook :group { high @0 :UInt64; low @1 :UInt64; }
}

# ==================================================================================================
# Sessions, by the course of their life

struct SessionStarted {
  # A session exists, is CREATING, and holds its DPUs. Launching its executor is intended from here
  # on; whether it has happened is for the executor's reports to say.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  coordinator :group { high @2 :UInt64; low @3 :UInt64; }
  # Id of the executor that runs the code.

  workGroup @4 :Text;
  description @5 :Text;
  engineConfiguration @6 :Text;
  # JSON, EngineConfiguration.
  engineVersion @7 :Text;
  notebookVersion @8 :Text;
  executionRole @9 :Text;
  monitoringConfiguration @10 :Text;
  # JSON, MonitoringConfiguration. Null: not given, which is not {}.
  tags @11 :List(Tag);

  idleTimeoutMinutes @12 :Int64;
  workingDirectory @13 :Text;
  # Where the session's objects lie: s3://bucket/prefix/session/<id>, without a slash at the end.

  executor @14 :Text;
  # Name of the plugin.
  kernel @15 :Text;
  dpus @16 :Int64;
  # What the session holds of the node's capacity until it ends.
  startDeadline @17 :Int64;

  encryptionConfiguration @18 :Text;
  # JSON, EncryptionConfiguration: how the session's objects are to be encrypted. Null: not given.

  network @19 :Text;
  # What its workgroup lets the session reach, as AdditionalConfiguration has it: "none" or "bridge".
  # Null: the workgroup does not say.
}

struct SessionCreated {
  # CREATING -> CREATED: the executor is up. SessionBecameIdle follows in the same record.

  session :group { high @0 :UInt64; low @1 :UInt64; }
}

struct SessionBecameIdle {
  # CREATED, BUSY or DEGRADED -> IDLE: the session can take a calculation, and ends at idleDeadline if none
  # comes.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  idleDeadline @2 :Int64;
}

struct SessionBecameBusy {
  # IDLE or DEGRADED -> BUSY, or BUSY again with its next calculation. Nothing is due any more.

  session :group { high @0 :UInt64; low @1 :UInt64; }
}

struct SessionDegraded {
  # Any live state but TERMINATING -> DEGRADED, or DEGRADED for another reason. The executor is killed
  # at the deadline if nothing better has happened by then.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  reason @2 :Text;
  deadline @3 :Int64;

  cause @4 :Cause;
  enum Cause {
    connectionLost @0;
    # The executor is out of sight, and expected to end by itself.

    outOfReach @1;
    # The executor says that what runs the code is out of its reach. From IDLE or BUSY.

    executorReplaced @2;
    # The executor has ended, and another one is being started that takes its place.
  }
  # After the last two the session may go on: SessionBecameIdle or SessionBecameBusy.
}

struct SessionKernelDied {
  # IDLE or BUSY -> DEGRADED, or DEGRADED from out of reach: what ran the code died, and the session's
  # variables with it. A fresh kernel is being started, and the executor is killed at the deadline if
  # that is not ready. Then SessionBecameIdle or SessionBecameBusy follows. What had not begun runs on the fresh kernel.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  reason @2 :Text;
  deadline @3 :Int64;
}

struct SessionTerminationBegan {
  # Any live state -> TERMINATING: the executor has been told to end, and is killed at the deadline.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  reason @2 :Text;
  deadline @3 :Int64;
}

struct SessionKillBegan {
  # The executor did not start, stop or end in time and is being killed. The state stays as it is
  # until the executor is known to be gone; then the first reason given is the session's.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  reason @2 :Text;
}

struct SessionTerminated {
  # TERMINATING -> TERMINATED, for ever. The DPUs are free again.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  reason @2 :Text;
}

struct SessionFailed {
  # Any other live state -> FAILED, for ever. The DPUs are free again.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  reason @2 :Text;
}

# ==================================================================================================
# Executors and their reports

struct ExecutorChanged {
  # One of a session's executors appeared or has a new state.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  executor :group { high @2 :UInt64; low @3 :UInt64; }
  type @4 :ExecutorType;
  state @5 :ExecutorState;
  dpus @6 :Int64;
  at @7 :Int64;
  # By the executor's clock, or the daemon's if the executor was gone.
}

enum ExecutorType {
  coordinator @0;
  gateway @1;
  worker @2;
}

enum ExecutorState {
  creating @0;
  created @1;
  registered @2;
  terminating @3;
  terminated @4;
  failed @5;
}

struct ReportsReceived {
  # All reports of the session up to this number are in the journal. The events they caused follow
  # in the same record.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  through @2 :UInt64;
}

struct UsageRecorded {
  # Totals since the session and the calculation began, not differences.

  session :group { high @0 :UInt64; low @1 :UInt64; }
  executor :group { high @2 :UInt64; low @3 :UInt64; }
  calculation :group { high @4 :UInt64; low @5 :UInt64; }
  executorDpuMillis @6 :Int64;
  calculationDpuMillis @7 :Int64;
}

# ==================================================================================================
# Calculations, by the course of their life

struct CalculationCodeRead {
  # The code block of the calculation that the same record submits or queues was the URI of an object.
  # What the object held at that moment is what runs.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  uri @4 :Text;
  code @5 :Data;
  # SHA-256 of the code, which is one of the journal's blobs.
}

struct CalculationQueued {
  # A calculation exists and is QUEUED, behind the one its session runs and those queued before it.
  # Its code is found as that of CalculationSubmitted.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  description @4 :Text;
}

struct CalculationDequeued {
  # QUEUED -> CREATING: the first of the queue becomes the calculation that its session runs.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
}

struct CalculationSubmitted {
  # A calculation exists and is CREATING. Its code is in the request of this record, unless
  # CalculationCodeRead says otherwise.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  description @4 :Text;
}

struct CalculationBegan {
  # CREATING -> RUNNING.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  at @4 :Int64;
}

struct CalculationProgressed {
  # What Statistics.Progress says from now on.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  progress @4 :Text;
}

struct CalculationCancelRequested {
  # CREATING or RUNNING -> CANCELING: the code is being interrupted.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }

  killDeadline :union {
    # When the kernel is killed if the code has not stopped.

    none @4 :Void;
    # The session is ending already, and the code with it.
    at @5 :Int64;
  }
}

struct CalculationKillBegan {
  # Interrupting did not stop the code; its kernel is being killed. The executor itself is killed at
  # the deadline if the code has not stopped by then.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  deadline @4 :Int64;
}

struct CalculationCompleted {
  # RUNNING or CANCELING -> COMPLETED, for ever: the code reached its end.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  at @4 :Int64;
}

struct CalculationFailed {
  # Any live state -> FAILED, for ever: the code failed, or its end is not known.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  reason @4 :Text;
  at @5 :Int64;
}

struct CalculationCanceled {
  # Any live state -> CANCELED, for ever: the code was asked to stop, and has.

  calculation :group { high @0 :UInt64; low @1 :UInt64; }
  session :group { high @2 :UInt64; low @3 :UInt64; }
  reason @4 :Text;
  at @5 :Int64;
}

# ==================================================================================================
# Idempotency

struct TokenRemembered {
  # A request with this token, made again before the time below, is answered with result and causes
  # nothing.

  token @0 :Data;
  # SHA-256 over principal, operation and ClientRequestToken.

  parameters @1 :Data;
  # SHA-256 over the request without its token: another one is refused.

  result :group { high @2 :UInt64; low @3 :UInt64; }
  # Id of what the first request created.

  expires @4 :Int64;
}
