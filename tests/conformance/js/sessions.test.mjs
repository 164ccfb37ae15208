// The life of a session, from StartSession to its end.

import assert from "node:assert/strict";
import test from "node:test";

import {
  InvalidRequestException,
  TooManyRequestsException,
  paginateListExecutors,
  paginateListSessions,
} from "@aws-sdk/client-athena";

import {
  MOCK,
  MOCK_ENGINE,
  ROLE,
  arnOf,
  assertDates,
  assertInvalid,
  athena,
  everyPage,
  idleSession,
  newToken,
  readText,
  refusalOf,
  run,
  sparkWorkGroup,
  terminate,
  unknownId,
  waitForSession,
} from "./support.mjs";

const idsOf = (summaries) => summaries.map((each) => each.SessionId);

test("a session runs Python, and client-s3 reads what it printed", async () => {
  const { SessionId, State } = await athena.startSession({
    WorkGroup: "primary",
    EngineConfiguration: { MaxConcurrentDpus: 2 },
  });
  assert.ok(["CREATING", "CREATED"].includes(State), State);
  await waitForSession(SessionId, "IDLE");
  await run(SessionId, "greeting = 'привет'");
  const { Status, Result, Statistics } = await run(SessionId, "print(greeting, 6 * 7)");
  assert.equal(Status.State, "COMPLETED");
  assert.ok(Statistics.DpuExecutionInMillis > 0);
  assert.equal(await readText(Result.StdOutS3Uri), "привет 42\n");
  assert.equal(await readText(Result.StdErrorS3Uri), "");

  const failed = await run(SessionId, "print('before')\nfoobar");
  assert.equal(failed.Status.State, "FAILED");
  assert.equal(await readText(failed.Result.StdOutS3Uri), "before\n");
  assert.equal(
    (await readText(failed.Result.StdErrorS3Uri)).trim(),
    `File "<stdin>", line 2, in <module>\nNameError: name 'foobar' is not defined`,
  );
  const terminated = await athena.terminateSession({ SessionId });
  assert.equal(terminated.State, "TERMINATING");
  await waitForSession(SessionId, "TERMINATED");
});

test("the times of a session are dates", async () => {
  const session = await idleSession();
  const idle = await athena.getSessionStatus({ SessionId: session });
  assert.equal(idle.SessionId, session);
  assertDates(idle.Status, "StartDateTime", "LastModifiedDateTime", "IdleSinceDateTime");
  assert.equal(idle.Status.EndDateTime, undefined);
  await terminate(session);
  const { Status, Statistics } = await athena.getSession({ SessionId: session });
  assertDates(Status, "StartDateTime", "LastModifiedDateTime", "EndDateTime");
  assert.equal(Status.StateChangeReason, "Session was terminated per request");
  assert.ok(Statistics.DpuExecutionInMillis >= 0);
});

test("sessions are listed newest first, in pages, by the paginator", async () => {
  const WorkGroup = await sparkWorkGroup("listed-sessions");
  const started = [];
  for (let i = 0; i < 5; i++) {
    started.unshift(await idleSession({ WorkGroup, Description: `session ${i}` }));
  }
  const list = (pageSize, members) =>
    everyPage(
      paginateListSessions, { client: athena, pageSize }, { WorkGroup, ...members }, "Sessions",
    );
  const { found, sizes } = await list(2, {});
  assert.deepEqual(idsOf(found), started);
  assert.deepEqual(sizes, [2, 2, 1]);
  assert.equal(found[0].Description, "session 4");
  assert.equal(found[0].EngineVersion.EffectiveEngineVersion, "PySpark engine version 3");
  assert.equal(found[0].Status.State, "IDLE");
  assertDates(found[0].Status, "StartDateTime", "IdleSinceDateTime");

  await terminate(started[1], started[3]);
  const active = idsOf((await athena.listSessions({ WorkGroup })).Sessions);
  assert.deepEqual(active, [started[0], started[2], started[4]]);
  const ended = await list(1, { StateFilter: "TERMINATED" });
  assert.deepEqual(idsOf(ended.found), [started[1], started[3]]);
  await terminate(...active);
});

test("a session's executors are listed by the paginator", async () => {
  const session = await idleSession();
  const list = (members) =>
    everyPage(
      paginateListExecutors,
      { client: athena, pageSize: 1 },
      { SessionId: session, ...members },
      "ExecutorsSummary",
    );
  const { found } = await list({});
  assert.equal(found.length, 1);
  const [executor] = found;
  assert.equal(executor.ExecutorType, "COORDINATOR");
  assert.equal(executor.ExecutorState, "REGISTERED");
  assert.equal(executor.ExecutorSize, 1);
  assert.equal(typeof executor.StartDateTime, "number", "a long in the model, not a timestamp");
  assert.equal(executor.TerminationDateTime, undefined);
  assert.deepEqual((await list({ ExecutorStateFilter: "TERMINATED" })).found, []);

  await terminate(session);
  const [ended] = (await list({ ExecutorStateFilter: "TERMINATED" })).found;
  assert.equal(ended.ExecutorId, executor.ExecutorId);
  assert.ok(ended.TerminationDateTime >= ended.StartDateTime);
});

test("a session is terminated once, and again without complaint", async () => {
  const session = await idleSession();
  const first = await athena.terminateSession({ SessionId: session });
  assert.equal(first.State, "TERMINATING");
  await waitForSession(session, "TERMINATED");
  const again = await athena.terminateSession({ SessionId: session });
  assert.equal(again.State, "TERMINATED");
});

test("a token starts one session however often it is sent", async () => {
  const start = {
    WorkGroup: "primary",
    EngineConfiguration: MOCK_ENGINE,
    ClientRequestToken: newToken(),
  };
  const { SessionId } = await athena.startSession(start);
  assert.equal((await athena.startSession(start)).SessionId, SessionId);
  const error = await refusalOf(athena.startSession({ ...start, Description: "another" }));
  assert.equal(error.message, "Idempotent parameters do not match");
  assert.equal(error.AthenaErrorCode, "IDEMPOTENT_PARAMETER_MISMATCH");
  await waitForSession(SessionId, "IDLE");
  await terminate(SessionId);
});

test("an unknown session is an invalid request to every operation on sessions", async () => {
  const SessionId = unknownId;
  for (const operation of [
    "getSession",
    "getSessionStatus",
    "terminateSession",
    "listExecutors",
    "listCalculationExecutions",
    "getSessionEndpoint",
    "createPresignedNotebookUrl",
  ]) {
    const error = await refusalOf(athena[operation]({ SessionId }), InvalidRequestException);
    assert.equal(error.AthenaErrorCode, "INVALID_INPUT", operation);
  }
});

test("operations that are not there yet say so", async () => {
  const session = await idleSession();
  const notAvailable = /not available/;
  await assertInvalid(athena.getSessionEndpoint({ SessionId: session }), notAvailable);
  await assertInvalid(athena.createPresignedNotebookUrl({ SessionId: session }), notAvailable);
  const ResourceARN = arnOf("primary", session);
  await assertInvalid(athena.getResourceDashboard({ ResourceARN }), notAvailable);
  await terminate(session);
});

test("a session asking for more DPUs than are free is one request too many", async () => {
  const most = { EngineConfiguration: { MaxConcurrentDpus: 900, AdditionalConfigs: MOCK } };
  const session = await idleSession(most);
  const error = await refusalOf(idleSession(most), TooManyRequestsException);
  assert.match(error.message, /^Maximum allowed sessions/);
  await terminate(session);
  await terminate(await idleSession(most));
});

test("members of a session that break a constraint are named", async () => {
  const refuse = (members, message) =>
    assertInvalid(
      athena.startSession({ WorkGroup: "primary", EngineConfiguration: MOCK_ENGINE, ...members }),
      message,
    );
  await refuse({ WorkGroup: undefined }, /'workGroup' .* must not be null$/);
  await refuse({ EngineConfiguration: undefined }, /'engineConfiguration' .* must not be null$/);
  await refuse({ EngineConfiguration: { MaxConcurrentDpus: 1 } }, /maxConcurrentDpus' /);
  await refuse({ EngineConfiguration: { CoordinatorDpuSize: 2 } }, /coordinatorDpuSize' /);
  await refuse({ SessionIdleTimeoutInMinutes: 481 }, /sessionIdleTimeoutInMinutes' .* to 480$/);
  await refuse({ ClientRequestToken: "x".repeat(31) }, /clientRequestToken' .* to 32$/);
  await refuse({ Description: "x".repeat(1025) }, /description' .* to 1024$/);
  await refuse({ ExecutionRole: ROLE.replace("iam", "sts") }, /executionRole' /);
  await refuse(
    { MonitoringConfiguration: { S3LoggingConfiguration: {} } },
    /s3LoggingConfiguration\.enabled' .* must not be null$/,
  );
  await refuse({ Description: "", SessionIdleTimeoutInMinutes: 0 }, /^2 validation errors /);
});

test("a session is not started in a workgroup for SQL", async () => {
  await athena.createWorkGroup({ Name: "for-sql" });
  await assertInvalid(
    athena.startSession({ WorkGroup: "for-sql", EngineConfiguration: MOCK_ENGINE }),
    "Workgroup EngineVersion is not Spark.",
  );
});
