// Workgroups whose sessions queue calculations instead of refusing them while they are busy.

import assert from "node:assert/strict";
import test from "node:test";

import { TooManyRequestsException } from "@aws-sdk/client-athena";

import {
  assertInvalid,
  assertRefusal,
  athena,
  idleSession,
  sparkWorkGroup,
  startCalculation,
  terminate,
  waitForCalculation,
  waitForSession,
} from "./support.mjs";

const MORE_THAN_A_QUEUE_HOLDS = 5000;

async function queueingSession(name) {
  const WorkGroup = await sparkWorkGroup(name, {
    AdditionalConfiguration: JSON.stringify({ CalculationMode: "queue" }),
  });
  return idleSession({ WorkGroup });
}

async function stateOf(CalculationExecutionId) {
  return (await athena.getCalculationExecutionStatus({ CalculationExecutionId })).Status.State;
}

async function stop(CalculationExecutionId) {
  return (await athena.stopCalculationExecution({ CalculationExecutionId })).State;
}

test("calculations queue behind a running one and run in the order they came", async () => {
  const session = await queueingSession("queue-order");
  const running = await startCalculation(session, "sleep 600000");
  await waitForCalculation(running, "RUNNING");
  const queued = [];
  for (let i = 0; i < 4; i++) queued.push(await startCalculation(session, "sleep 5"));
  for (const each of queued) assert.equal(await stateOf(each), "QUEUED");
  const listed = await athena.listCalculationExecutions({
    SessionId: session,
    StateFilter: "QUEUED",
  });
  const ids = listed.Calculations.map((each) => each.CalculationExecutionId);
  assert.deepEqual(ids, [...queued].reverse());

  await stop(running);
  const ended = [];
  for (const each of queued) ended.push(await waitForCalculation(each, "COMPLETED"));
  const times = ended.map((each) => each.Status.CompletionDateTime.getTime());
  assert.deepEqual(times, [...times].sort((one, other) => one - other));
  await waitForSession(session, "IDLE");
  await terminate(session);
});

test("a queued calculation is canceled and never runs", async () => {
  const session = await queueingSession("queue-cancel");
  const running = await startCalculation(session, "sleep 600000");
  await waitForCalculation(running, "RUNNING");
  const canceled = await startCalculation(session, "print never");
  const kept = await startCalculation(session, "print kept");
  assert.ok(["CANCELING", "CANCELED"].includes(await stop(canceled)));
  await waitForCalculation(canceled, "CANCELED");
  assert.equal(await stateOf(kept), "QUEUED");
  await stop(running);
  await waitForCalculation(kept, "COMPLETED");
  assert.equal(await stateOf(canceled), "CANCELED");
  await waitForSession(session, "IDLE");
  await terminate(session);
});

test("a queue that is full refuses, and takes again once there is room", async () => {
  const session = await queueingSession("queue-full");
  await waitForCalculation(await startCalculation(session, "sleep 600000"), "RUNNING");
  let last;
  let refused;
  for (let i = 0; i < MORE_THAN_A_QUEUE_HOLDS && !refused; i++) {
    try {
      last = await startCalculation(session, "print");
    } catch (error) {
      refused = error;
    }
  }
  assert.ok(refused, `${MORE_THAN_A_QUEUE_HOLDS} were taken`);
  assert.ok(last, "not one was taken");
  assertRefusal(refused, TooManyRequestsException);
  await stop(last);
  await waitForCalculation(last, "CANCELED");
  await startCalculation(session, "print");
  await terminate(session);
});

test("a mode of calculations that does not exist is refused", async () => {
  const additional = { AdditionalConfiguration: JSON.stringify({ CalculationMode: "parallel" }) };
  await assertInvalid(sparkWorkGroup("queue-typo", additional), /calculationMode/);
});
