// Calculations: started, watched, stopped, listed, refused.

import assert from "node:assert/strict";
import test from "node:test";

import { paginateListCalculationExecutions } from "@aws-sdk/client-athena";

import {
  assertDates,
  assertInvalid,
  athena,
  everyPage,
  idleSession,
  newToken,
  objectOf,
  readText,
  refusalOf,
  run,
  s3,
  startCalculation,
  terminate,
  unknownId,
  waitForCalculation,
  waitForSession,
} from "./support.mjs";

const BUSY = "Session is in the BUSY state; needs to be IDLE to accept Calculations.";

test("a calculation that completes has its output, times and statistics", async () => {
  const session = await idleSession();
  const started = await athena.startCalculationExecution({
    SessionId: session,
    CodeBlock: 'print one\nstderr two\nresult {"a":1}',
    Description: "описание",
  });
  assert.ok(["CREATING", "CREATED"].includes(started.State), started.State);
  const CalculationExecutionId = started.CalculationExecutionId;
  const calculation = await waitForCalculation(CalculationExecutionId, "COMPLETED");
  assert.equal(calculation.CalculationExecutionId, CalculationExecutionId);
  assert.equal(calculation.SessionId, session);
  assert.equal(calculation.Description, "описание");
  assert.match(calculation.WorkingDirectory, /^s3:\/\/./);
  assertDates(calculation.Status, "SubmissionDateTime", "CompletionDateTime");
  assert.equal(calculation.Status.StateChangeReason, undefined);
  assert.ok(calculation.Statistics.DpuExecutionInMillis > 0);

  const { Result } = calculation;
  assert.equal(Result.ResultType, "application/vnd.aws.athena.v1+json");
  assert.equal(await readText(Result.StdOutS3Uri), "one\n");
  assert.equal(await readText(Result.StdErrorS3Uri), "two\n");
  assert.equal(await readText(Result.ResultS3Uri), '{"a":1}\n');

  const { Bucket, Key: Prefix } = objectOf(calculation.WorkingDirectory);
  const { Contents } = await s3.listObjectsV2({ Bucket, Prefix });
  const listed = Contents.map((each) => `s3://${Bucket}/${each.Key}`);
  for (const uri of [Result.StdOutS3Uri, Result.StdErrorS3Uri, Result.ResultS3Uri]) {
    assert.ok(listed.includes(uri), `${uri} is not in ${listed}`);
  }

  const status = await athena.getCalculationExecutionStatus({ CalculationExecutionId });
  assert.deepEqual(status.Status, calculation.Status);
  assert.deepEqual(status.Statistics, calculation.Statistics);
  await terminate(session);
});

test("a calculation that fails says why, and has its output too", async () => {
  const session = await idleSession();
  const calculation = await run(session, "print before\nfail no such table");
  assert.equal(calculation.Status.State, "FAILED");
  assert.match(calculation.Status.StateChangeReason, /no such table/);
  assert.equal(await readText(calculation.Result.StdOutS3Uri), "before\n");
  assert.equal(typeof (await readText(calculation.Result.StdErrorS3Uri)), "string");
  await terminate(session);
});

test("the code of a calculation is answered as it was given", async () => {
  const session = await idleSession();
  const code = "print \u{1F989} \\ \" ' </script> \t\n\n" + "# long\n".repeat(9000);
  assert.ok(code.length < 68000);
  const CalculationExecutionId = await startCalculation(session, code);
  const { CodeBlock } = await athena.getCalculationExecutionCode({ CalculationExecutionId });
  assert.equal(CodeBlock, code);
  await waitForSession(session, "IDLE");
  await terminate(session);
});

test("the deprecated place for the code still works", async () => {
  const session = await idleSession();
  const { CalculationExecutionId } = await athena.startCalculationExecution({
    SessionId: session,
    CalculationConfiguration: { CodeBlock: "print deprecated" },
  });
  const { Result } = await waitForCalculation(CalculationExecutionId, "COMPLETED");
  assert.equal(await readText(Result.StdOutS3Uri), "deprecated\n");
  await terminate(session);
});

test("code given as an S3 URI is read from the object store", async () => {
  const uri = "s3://glaux/code/from-s3.txt";
  await s3.putObject({ ...objectOf(uri), Body: "print read from s3" });
  const session = await idleSession();
  const calculation = await run(session, uri);
  assert.equal(calculation.Status.State, "COMPLETED");
  assert.equal(await readText(calculation.Result.StdOutS3Uri), "read from s3\n");
  await terminate(session);
});

test("a running calculation is stopped", async () => {
  const session = await idleSession();
  const CalculationExecutionId = await startCalculation(session, "print begun\nsleep 600000");
  await waitForCalculation(CalculationExecutionId, "RUNNING");
  const stopped = await athena.stopCalculationExecution({ CalculationExecutionId });
  assert.equal(stopped.State, "CANCELING");
  const { Status } = await waitForCalculation(CalculationExecutionId, "CANCELED");
  assertDates(Status, "CompletionDateTime");
  const again = await athena.stopCalculationExecution({ CalculationExecutionId });
  assert.equal(again.State, "CANCELED");
  await waitForSession(session, "IDLE");
  await terminate(session);
});

test("calculations are listed newest first, in pages, by the paginator", async () => {
  const session = await idleSession();
  const ran = [];
  for (let i = 0; i < 5; i++) {
    const code = i === 2 ? "fail on purpose" : "";
    const { CalculationExecutionId } = await run(session, `print ${i}\n${code}`, {
      Description: `number ${i}`,
    });
    ran.unshift(CalculationExecutionId);
  }
  const list = (pageSize, members) =>
    everyPage(
      paginateListCalculationExecutions,
      { client: athena, pageSize },
      { SessionId: session, ...members },
      "Calculations",
    );
  const { found, sizes } = await list(2, {});
  const ids = found.map((each) => each.CalculationExecutionId);
  assert.deepEqual(ids, ran);
  assert.deepEqual(sizes, [2, 2, 1]);
  assert.equal(found[0].Description, "number 4");
  assertDates(found[0].Status, "SubmissionDateTime", "CompletionDateTime");

  const failed = (await list(1, { StateFilter: "FAILED" })).found;
  assert.deepEqual(failed.map((each) => each.CalculationExecutionId), [ran[2]]);
  assert.equal((await list(1, { StateFilter: "COMPLETED" })).sizes.length, 4);
  await terminate(session);
});

test("a session takes calculations only while it is idle", async () => {
  const session = await idleSession();
  const running = await startCalculation(session, "sleep 600000");
  await assertInvalid(startCalculation(session, "print"), BUSY);
  await athena.stopCalculationExecution({ CalculationExecutionId: running });
  await waitForSession(session, "IDLE");
  await terminate(session);
  await assertInvalid(startCalculation(session, "print"), BUSY.replace("BUSY", "TERMINATED"));
});

test("a token starts one calculation however often it is sent", async () => {
  const session = await idleSession();
  const token = { ClientRequestToken: newToken() };
  const first = await startCalculation(session, "print once", token);
  assert.equal(await startCalculation(session, "print once", token), first);
  const error = await refusalOf(startCalculation(session, "print twice", token));
  assert.equal(error.message, "Idempotent parameters do not match");
  assert.equal(error.AthenaErrorCode, "IDEMPOTENT_PARAMETER_MISMATCH");
  await waitForSession(session, "IDLE");
  const { Calculations } = await athena.listCalculationExecutions({ SessionId: session });
  assert.equal(Calculations.length, 1);
  await terminate(session);
});

test("an unknown calculation is an invalid request to every operation on them", async () => {
  for (const operation of [
    "getCalculationExecution",
    "getCalculationExecutionStatus",
    "getCalculationExecutionCode",
    "stopCalculationExecution",
  ]) {
    await assertInvalid(
      athena[operation]({ CalculationExecutionId: unknownId }),
      /is not found/,
    );
  }
});

test("code has to be given once, and not too long", async () => {
  const SessionId = await idleSession();
  const start = (members) => athena.startCalculationExecution({ SessionId, ...members });
  await assertInvalid(start({}), /CodeBlock/);
  const CalculationConfiguration = { CodeBlock: "print" };
  await assertInvalid(start({ CodeBlock: "print", CalculationConfiguration }), /CodeBlock/);
  await assertInvalid(
    start({ CodeBlock: "#".repeat(68001) }),
    "1 validation error detected: Value at 'codeBlock' failed to satisfy constraint: " +
      "Member must have length less than or equal to 68000",
  );
  const { Calculations } = await athena.listCalculationExecutions({ SessionId });
  assert.deepEqual(Calculations, []);
  await terminate(SessionId);
});
