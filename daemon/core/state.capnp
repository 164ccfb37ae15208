@0xca400e56ac452dfd;
# A snapshot of the state, codec version 3: what deciding needs, after the record it names. It saves
# replaying the records up to there and nothing else, so it is not kept for ever: when this file
# changes incompatibly the codec's version grows, and older snapshots are passed over.
#
# Equal states give equal bytes: what has no order of its own is sorted by id or name. What follows
# from the rest (DPUs in use, which session a calculation belongs to) is not stored.
#
# Ids, times and enumerations are those of events.capnp. **Packed lists** hold entries of a fixed
# number of bytes one after the other, integers big-endian, and continue in the next Data after
# 65,536 entries.

using Cxx = import "/capnp/c++.capnp";
using Events = import "events.capnp";
$Cxx.namespace("glaux::core::stored");

struct State {
  sequence @0 :UInt64;
  # Of the last record whose events are in this state.

  workGroups @1 :List(WorkGroup);
  sessions @2 :List(Session);
  # The live ones.

  endedSessions @3 :List(Data);
  endedCalculations @4 :List(Data);
  # Packed, 17 bytes: id, then the state it ended in as a SessionState or CalculationState.

  notebooks @6 :List(Notebook);
  # By id. Which session is active in one, the sessions say.

  tokens @5 :List(Data);
  # Packed, 88 bytes: token (32), parameters (32), result (16), expiry (8); in the order in which
  # they were remembered.
}

struct WorkGroup {
  name @0 :Text;
  state @1 :Events.WorkGroupState;
  description @2 :Text;
  configuration @3 :Text;
  # JSON, WorkGroupConfiguration.
  tags @4 :List(Events.Tag);
}

struct Notebook {
  id :group { high @0 :UInt64; low @1 :UInt64; }
  workGroup @2 :Text;
  name @3 :Text;
}

struct Session {
  id :group { high @0 :UInt64; low @1 :UInt64; }
  state @2 :SessionState;
  workGroup @3 :Text;
  executor @4 :Text;
  kernel @5 :Text;
  workingDirectory @6 :Text;
  dpus @7 :Int64;
  idleTimeoutMinutes @8 :Int64;

  deadline :union {
    none @9 :Void;
    at @10 :Int64;
  }

  terminationReason @11 :Text;
  killBegan @12 :Bool;
  reportsThrough @13 :UInt64;
  executors @14 :List(Executor);
  # The coordinator first.

  calculation @15 :Calculation;
  # The one that is being run; null if there is none.
  queue @16 :List(Calculation);
  # Those that wait, the next one first.

  notebook :union {
    # Whose active session this is.

    none @17 :Void;
    id :group { high @18 :UInt64; low @19 :UInt64; }
  }

  tags @20 :List(Events.Tag);

  awaitsKernel @21 :Bool;
  # DEGRADED until a fresh kernel is ready,
  awaitsRecovery @22 :Bool;
  # or until all is in reach again; otherwise because the executor was lost.

  wasReady @23 :Bool;
  # Code could run at least once.

  engineVersion @24 :Text;
  network @25 :Text;
  # As in SessionStarted; null if the workgroup did not say.
}

struct Executor {
  id :group { high @0 :UInt64; low @1 :UInt64; }
  type @2 :Events.ExecutorType;
  state @3 :Events.ExecutorState;
  dpus @4 :Int64;
  dpuMillis @5 :Int64;
}

struct Calculation {
  id :group { high @0 :UInt64; low @1 :UInt64; }
  sequence @2 :UInt64;
  # Of the record that submitted it.

  state @3 :CalculationState;
  killBegan @4 :Bool;
  dpuMillis @5 :Int64;
}

enum SessionState {
  creating @0;
  created @1;
  idle @2;
  busy @3;
  terminating @4;
  terminated @5;
  degraded @6;
  failed @7;
}

enum CalculationState {
  creating @0;
  created @1;
  queued @2;
  running @3;
  canceling @4;
  canceled @5;
  completed @6;
  failed @7;
}
