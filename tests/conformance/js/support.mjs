// What every test needs: the clients, pointed at the daemon under test, and words for what a user
// does with them. The clients note what was called, for coverage.test.mjs.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Athena, AthenaServiceException, InvalidRequestException } from "@aws-sdk/client-athena";
import { S3 } from "@aws-sdk/client-s3";

export const endpoint = process.argv[2];
assert.ok(endpoint, "usage: node all.mjs http://host:port");

// A retried request would hide the answer that a test is about.
export const clientSettings = {
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "AKIATESTTESTTESTTEST", secretAccessKey: "secret" },
  maxAttempts: 1,
};

export const athena = new Athena(clientSettings);
export const s3 = new S3({ ...clientSettings, forcePathStyle: true });

// By command, "StartSessionCommand": {succeeded: Boolean, refusals: Set of modelled error names}.
export const calls = new Map();

function note(next, { commandName }) {
  if (!calls.has(commandName)) calls.set(commandName, { succeeded: false, refusals: new Set() });
  const call = calls.get(commandName);
  return async (request) => {
    try {
      const answer = await next(request);
      call.succeeded = true;
      return answer;
    } catch (error) {
      // Errors that the model does not know are of the service's base class itself.
      const isModelled = error.constructor !== AthenaServiceException && error.$fault;
      if (isModelled) call.refusals.add(error.name);
      throw error;
    }
  };
}

for (const client of [athena, s3]) client.middlewareStack.add(note, { step: "initialize" });

after(() => {
  athena.destroy();
  s3.destroy();
});

// ---- refusals

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function errorOf(promise) {
  return promise.then(
    (answer) => assert.fail(`was not refused: ${JSON.stringify(answer)}`),
    (error) => error,
  );
}

// The error is of this class of the client's model, and complete.
export function assertRefusal(error, exception = InvalidRequestException) {
  assert.equal(error.name, exception.name, error.stack);
  assert.ok(error instanceof exception, error.stack);
  assert.equal(error.$fault, "client");
  assert.equal(error.$metadata.httpStatusCode, 400);
  assert.match(error.$metadata.requestId, UUID);
  assert.ok(error.message.length > 0);
}

export async function refusalOf(promise, exception) {
  const error = await errorOf(promise);
  assertRefusal(error, exception);
  return error;
}

// The request is refused as invalid, with this text: all of it, or what a pattern says of it.
export async function assertInvalid(promise, message) {
  const error = await refusalOf(promise);
  assert.equal(error.AthenaErrorCode, "INVALID_INPUT");
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
}

// ---- waiting

const PATIENCE_MS = 60_000; // for what happens at once unless something is broken

// Calls `look` until its result is true, and returns that; `what` is for the failure.
export async function waitUntil(what, look) {
  const giveUp = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await look();
    if (result) return result;
    if (Date.now() > giveUp) throw new Error(`after ${PATIENCE_MS} ms still not: ${what}`);
    await sleep(20);
  }
}

// ---- workgroups, sessions, calculations

export const ROLE = "arn:aws:iam::123456789012:role/service-role/spark";
export const SPARK = {
  EngineVersion: { SelectedEngineVersion: "PySpark engine version 3" },
  ExecutionRole: ROLE,
};

// A session that a script runs, not an interpreter; see plugins/mock/README.md.
export const MOCK = { "glaux.executor": "mock" };
export const MOCK_ENGINE = { MaxConcurrentDpus: 2, AdditionalConfigs: MOCK };

export const newToken = randomUUID;
export const unknownId = "00000000-1111-2222-3333-444444444444";

export function arnOf(workGroup, sessionId) {
  const session = sessionId ? `/session/${sessionId}` : "";
  return `arn:aws:athena:us-east-1:000000000000:workgroup/${workGroup}${session}`;
}

// Makes a workgroup for Spark, so that a test has its lists to itself; returns its name.
export async function sparkWorkGroup(Name, configuration = {}, members = {}) {
  await athena.createWorkGroup({ Name, Configuration: { ...SPARK, ...configuration }, ...members });
  return Name;
}

export async function waitForSession(SessionId, state) {
  return waitUntil(`session ${SessionId} ${state}`, async () => {
    const { Status } = await athena.getSessionStatus({ SessionId });
    if (Status.State === state) return Status;
    const hasEnded = ["TERMINATED", "DEGRADED", "FAILED"].includes(Status.State);
    assert.ok(!hasEnded, `${Status.State}: ${Status.StateChangeReason}`);
    return undefined;
  });
}

// The id of a new session that takes calculations; of the mock executor unless said otherwise.
export async function idleSession(members = {}) {
  const { SessionId } = await athena.startSession({
    WorkGroup: "primary",
    EngineConfiguration: MOCK_ENGINE,
    ...members,
  });
  await waitForSession(SessionId, "IDLE");
  return SessionId;
}

export async function terminate(...sessions) {
  for (const SessionId of sessions) await athena.terminateSession({ SessionId });
  for (const SessionId of sessions) await waitForSession(SessionId, "TERMINATED");
}

export async function startCalculation(SessionId, CodeBlock, members = {}) {
  const answer = await athena.startCalculationExecution({ SessionId, CodeBlock, ...members });
  return answer.CalculationExecutionId;
}

// What GetCalculationExecution says once the calculation is in one of the states.
export async function waitForCalculation(CalculationExecutionId, ...states) {
  return waitUntil(`calculation ${CalculationExecutionId} ${states}`, async () => {
    const answer = await athena.getCalculationExecution({ CalculationExecutionId });
    return states.includes(answer.Status.State) && answer;
  });
}

export async function run(session, code, members = {}) {
  const calculation = await startCalculation(session, code, members);
  const ended = await waitForCalculation(calculation, "COMPLETED", "FAILED", "CANCELED");
  await waitForSession(session, "IDLE");
  return ended;
}

// ---- lists and objects

// By paginator, a function of the client's: the most pages that it has walked through.
export const pagesSeen = new Map();

// The items of every page that a paginator finds, and how many each page had.
export async function everyPage(paginate, settings, request, items) {
  const found = [];
  const sizes = [];
  for await (const page of paginate(settings, request)) {
    found.push(...(page[items] ?? []));
    sizes.push(page[items]?.length ?? 0);
  }
  pagesSeen.set(paginate, Math.max(sizes.length, pagesSeen.get(paginate) ?? 0));
  return { found, sizes };
}

// s3://bucket/key as the arguments of an S3 call.
export function objectOf(uri) {
  const [, Bucket, Key] = uri.match(/^s3:\/\/([a-zA-Z0-9.\-_]+)\/(.+)$/);
  return { Bucket, Key };
}

export async function readText(uri) {
  const { Body } = await s3.getObject(objectOf(uri));
  return Body.transformToString();
}

export function assertDates(object, ...members) {
  for (const member of members) {
    assert.ok(object[member] instanceof Date, `${member} is ${object[member]}`);
    const age_ms = Date.now() - object[member].getTime();
    assert.ok(age_ms > -5_000 && age_ms < 3_600_000, `${member} is ${age_ms} ms ago`);
  }
}
