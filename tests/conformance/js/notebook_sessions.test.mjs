// Notebooks and the sessions that are bound to them.

import assert from "node:assert/strict";
import test from "node:test";

import { SessionAlreadyExistsException } from "@aws-sdk/client-athena";

import {
  MOCK,
  assertDates,
  assertInvalid,
  athena,
  idleSession,
  refusalOf,
  sparkWorkGroup,
  terminate,
  unknownId,
} from "./support.mjs";

const NotebookVersion = "Athena notebook version 1";
const Payload = JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 });

// What binds a session to a notebook.
function boundTo(WorkGroup, NotebookId) {
  const AdditionalConfigs = { ...MOCK, NotebookId };
  const EngineConfiguration = { MaxConcurrentDpus: 2, AdditionalConfigs };
  return { WorkGroup, EngineConfiguration, NotebookVersion };
}

async function sessionsOf(NotebookId) {
  const { NotebookSessionsList } = await athena.listNotebookSessions({ NotebookId });
  return NotebookSessionsList;
}

test("a notebook has one active session at most, and lists it", async () => {
  const WorkGroup = await sparkWorkGroup("nb-one-session");
  const { NotebookId } = await athena.createNotebook({ WorkGroup, Name: "open" });
  assert.deepEqual(await sessionsOf(NotebookId), []);
  const first = await idleSession(boundTo(WorkGroup, NotebookId));
  const second = athena.startSession(boundTo(WorkGroup, NotebookId));
  await refusalOf(second, SessionAlreadyExistsException);
  const [listed, ...more] = await sessionsOf(NotebookId);
  assert.equal(listed.SessionId, first);
  assertDates(listed, "CreationTime");
  assert.deepEqual(more, []);
  const shown = await athena.getSession({ SessionId: first });
  assert.equal(shown.NotebookVersion, NotebookVersion);
  assert.equal(shown.EngineConfiguration.AdditionalConfigs.NotebookId, NotebookId);

  await terminate(first);
  assert.deepEqual(await sessionsOf(NotebookId), []);
  const third = await idleSession(boundTo(WorkGroup, NotebookId));
  assert.deepEqual((await sessionsOf(NotebookId)).map((each) => each.SessionId), [third]);
  await terminate(third);
});

test("a notebook with an active session is updated only from that session", async () => {
  const WorkGroup = await sparkWorkGroup("nb-session-update");
  const { NotebookId } = await athena.createNotebook({ WorkGroup, Name: "open" });
  const session = await idleSession(boundTo(WorkGroup, NotebookId));
  const other = await idleSession();
  const update = { NotebookId, Payload, Type: "IPYNB" };
  await assertInvalid(athena.updateNotebook(update), /SessionId/);
  await assertInvalid(athena.updateNotebook({ ...update, SessionId: other }), /[Ss]ession/);
  await athena.updateNotebook({ ...update, SessionId: session });
  assert.equal((await athena.exportNotebook({ NotebookId })).Payload, Payload);
  await terminate(session, other);
});

test("a notebook is renamed and deleted only after its session has ended", async () => {
  const WorkGroup = await sparkWorkGroup("nb-session-rename");
  const { NotebookId } = await athena.createNotebook({ WorkGroup, Name: "open" });
  const session = await idleSession(boundTo(WorkGroup, NotebookId));
  await assertInvalid(athena.updateNotebookMetadata({ NotebookId, Name: "x" }), /session/i);
  await assertInvalid(athena.deleteNotebook({ NotebookId }), /session/i);
  await terminate(session);
  await athena.updateNotebookMetadata({ NotebookId, Name: "closed" });
  await athena.deleteNotebook({ NotebookId });
});

test("a session is bound only to a notebook that is there, with a version", async () => {
  const WorkGroup = await sparkWorkGroup("nb-session-refused");
  const { NotebookId } = await athena.createNotebook({ WorkGroup, Name: "open" });
  const start = boundTo(WorkGroup, NotebookId);
  await assertInvalid(
    athena.startSession({ ...start, NotebookVersion: undefined }),
    "NotebookVersion is required when NotebookId is provided.",
  );
  await assertInvalid(athena.startSession(boundTo(WorkGroup, unknownId)), /is not found/);
  assert.deepEqual(await sessionsOf(NotebookId), []);
});

test("page sizes of a notebook's sessions have bounds", async () => {
  const WorkGroup = await sparkWorkGroup("nb-session-pages");
  const { NotebookId } = await athena.createNotebook({ WorkGroup, Name: "closed" });
  await assertInvalid(athena.listNotebookSessions({ NotebookId, MaxResults: 101 }), /to 100$/);
  const bad = athena.listNotebookSessions({ NotebookId, NextToken: "nonsense" });
  await assertInvalid(bad, /malformed: nonsense/);
});
