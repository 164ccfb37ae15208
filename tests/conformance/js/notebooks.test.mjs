// Notebooks: created, imported, exported byte for byte, updated, renamed, listed, deleted.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";

import {
  assertDates,
  assertInvalid,
  assertRefusal,
  athena,
  newToken,
  objectOf,
  refusalOf,
  s3,
  sparkWorkGroup,
  unknownId,
} from "./support.mjs";

const NOT_FOUND = /is not found/;
const MAX_PAYLOAD = 10 * 1024 * 1024;

// An image of so many bytes, which makes the text of a notebook with it a third larger.
function notebookWithImage(bytes) {
  const cells = [
    { cell_type: "markdown", id: "title", metadata: {}, source: ["# Заголовок \u{1F989}\n", "."] },
    {
      cell_type: "code",
      id: "plot",
      execution_count: 1,
      metadata: { tags: ["plot"] },
      source: "print('one')\nplot()",
      outputs: [
        { output_type: "stream", name: "stdout", text: ["one\n"] },
        {
          output_type: "display_data",
          metadata: {},
          data: {
            "image/png": randomBytes(bytes).toString("base64"),
            "text/plain": ["<Figure size 640x480 with 1 Axes>"],
          },
        },
        { output_type: "error", ename: "E", evalue: "", traceback: ["\u001b[0;31mE\u001b[0m"] },
      ],
    },
  ];
  const metadata = {
    kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
    language_info: { name: "python" },
  };
  return { cells, metadata, nbformat: 4, nbformat_minor: 5 };
}

const SMALL = JSON.stringify(notebookWithImage(30));

async function importNotebook(WorkGroup, Name, Payload = SMALL, members = {}) {
  const request = { WorkGroup, Name, Payload, Type: "IPYNB", ...members };
  return (await athena.importNotebook(request)).NotebookId;
}

async function payloadOf(NotebookId) {
  return (await athena.exportNotebook({ NotebookId })).Payload;
}

test("a notebook is created empty and described by its metadata", async () => {
  const WorkGroup = await sparkWorkGroup("nb-create");
  const Name = "новая тетрадь (1).v2";
  const { NotebookId } = await athena.createNotebook({ WorkGroup, Name });
  assert.match(NotebookId, /^[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}$/);
  const { NotebookMetadata } = await athena.getNotebookMetadata({ NotebookId });
  const { CreationTime, LastModifiedTime, ...others } = NotebookMetadata;
  assert.deepEqual(others, { NotebookId, Name, WorkGroup, Type: "IPYNB" });
  assertDates(NotebookMetadata, "CreationTime", "LastModifiedTime");
  assert.deepEqual(LastModifiedTime, CreationTime);
  const empty = JSON.parse(await payloadOf(NotebookId));
  assert.equal(empty.nbformat, 4);
  assert.deepEqual(empty.cells, []);
});

test("a notebook of a mebibyte is exported byte for byte as it was imported", async () => {
  const WorkGroup = await sparkWorkGroup("nb-bytes");
  // Spacing, escapes and the order of members are the author's, and not JSON.stringify's.
  const written = JSON.stringify(notebookWithImage(1024 * 1024), null, "\t")
    .replace("Заголовок", "\\u0417аголовок")
    .replace('"metadata": {}', '"metadata" : {\r\n}');
  const payload = ` ${written}\n\n`;
  assert.ok(payload.length > 1024 * 1024);
  const NotebookId = await importNotebook(WorkGroup, "image", payload);
  const exported = await athena.exportNotebook({ NotebookId });
  assert.ok(exported.Payload === payload, "not the same text");
  assert.equal(exported.NotebookMetadata.NotebookId, NotebookId);
  assert.equal(exported.NotebookMetadata.Name, "image");
  assertDates(exported.NotebookMetadata, "CreationTime", "LastModifiedTime");
});

test("a notebook has ten mebibytes at most", async () => {
  const WorkGroup = await sparkWorkGroup("nb-size");
  const notebook = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  const payload = JSON.stringify(notebook).padEnd(MAX_PAYLOAD, " ");
  await assertInvalid(
    importNotebook(WorkGroup, "too large", `${payload} `),
    /'payload' .* length less than or equal to 10485760$/,
  );
  const NotebookId = await importNotebook(WorkGroup, "just right", payload);
  assert.ok((await payloadOf(NotebookId)) === payload, "not the same text");
});

test("ten mebibytes are characters of a notebook, not bytes of a request", async () => {
  const WorkGroup = await sparkWorkGroup("nb-characters");
  const cell = { cell_type: "markdown", id: "a", metadata: {}, source: "ж\"".repeat(3_490_000) };
  const notebook = { cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  const payload = JSON.stringify(notebook).padEnd(MAX_PAYLOAD, " ");
  assert.equal(payload.length, MAX_PAYLOAD);
  assert.ok(Buffer.byteLength(JSON.stringify({ Payload: payload })) > 1.9 * MAX_PAYLOAD);
  const NotebookId = await importNotebook(WorkGroup, "dense", payload);
  assert.ok((await payloadOf(NotebookId)) === payload, "not the same text");
});

test("a notebook is imported from the object store", async () => {
  const WorkGroup = await sparkWorkGroup("nb-s3");
  const NotebookS3LocationUri = "s3://glaux/notebooks/from s3.ipynb";
  await s3.putObject({ ...objectOf(NotebookS3LocationUri), Body: SMALL });
  const place = { Payload: undefined, NotebookS3LocationUri };
  const NotebookId = await importNotebook(WorkGroup, "from s3", undefined, place);
  assert.equal(await payloadOf(NotebookId), SMALL);

  const both = { NotebookS3LocationUri };
  await assertInvalid(importNotebook(WorkGroup, "both", SMALL, both), /Payload|NotebookS3Location/);
  const neither = { Payload: undefined };
  const message = /Payload|NotebookS3Location/;
  await assertInvalid(importNotebook(WorkGroup, "neither", undefined, neither), message);
  const missing = { Payload: undefined, NotebookS3LocationUri: "s3://glaux/no/such.ipynb" };
  await assertInvalid(importNotebook(WorkGroup, "missing", undefined, missing), /such\.ipynb/);
});

test("a notebook is updated, renamed and deleted", async () => {
  const WorkGroup = await sparkWorkGroup("nb-update");
  const NotebookId = await importNotebook(WorkGroup, "before");
  const before = (await athena.getNotebookMetadata({ NotebookId })).NotebookMetadata;
  const Payload = JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 2 });
  const updated = await athena.updateNotebook({ NotebookId, Payload, Type: "IPYNB" });
  assert.equal(updated.$metadata.httpStatusCode, 200);
  assert.equal(await payloadOf(NotebookId), Payload);
  await athena.updateNotebookMetadata({ NotebookId, Name: "after" });
  const after = (await athena.getNotebookMetadata({ NotebookId })).NotebookMetadata;
  assert.equal(after.Name, "after");
  assert.deepEqual(after.CreationTime, before.CreationTime);
  assert.ok(after.LastModifiedTime > before.LastModifiedTime);

  await athena.deleteNotebook({ NotebookId });
  await assertInvalid(athena.getNotebookMetadata({ NotebookId }), NOT_FOUND);
  const { NotebookMetadataList } = await athena.listNotebookMetadata({ WorkGroup });
  assert.deepEqual(NotebookMetadataList, []);
});

test("notebooks are listed newest first, by pages and by name", async () => {
  const WorkGroup = await sparkWorkGroup("nb-list");
  const created = [];
  for (const Name of ["apple", "banana", "apple pie", "cherry", "pineapple"]) {
    created.unshift((await athena.createNotebook({ WorkGroup, Name })).NotebookId);
  }
  const found = [];
  let pages = 0;
  let NextToken;
  do {
    const page = await athena.listNotebookMetadata({ WorkGroup, MaxResults: 2, NextToken });
    found.push(...page.NotebookMetadataList);
    ({ NextToken } = page);
    pages++;
  } while (NextToken);
  assert.deepEqual(found.map((each) => each.NotebookId), created);
  assert.equal(pages, 3);
  assert.equal(found[0].Name, "pineapple");
  assert.equal(found[0].WorkGroup, WorkGroup);
  assertDates(found[0], "CreationTime", "LastModifiedTime");

  const named = await athena.listNotebookMetadata({ WorkGroup, Filters: { Name: "apple" } });
  const names = named.NotebookMetadataList.map((each) => each.Name);
  assert.deepEqual(names, ["pineapple", "apple pie", "apple"]);
  const none = await athena.listNotebookMetadata({ WorkGroup, Filters: { Name: "durian" } });
  assert.deepEqual(none.NotebookMetadataList, []);
  await assertInvalid(athena.listNotebookMetadata({ WorkGroup, MaxResults: 51 }), /to 50$/);
  const bad = athena.listNotebookMetadata({ WorkGroup, NextToken: "nonsense" });
  await assertInvalid(bad, /malformed: nonsense/);
});

test("the name of a notebook is its own in its workgroup, under races too", async () => {
  const WorkGroup = await sparkWorkGroup("nb-names");
  const racing = Array.from({ length: 8 }, () => athena.createNotebook({ WorkGroup, Name: "one" }));
  const results = await Promise.allSettled(racing);
  assert.equal(results.filter((each) => each.status === "fulfilled").length, 1);
  for (const each of results.filter((one) => one.status === "rejected")) {
    assertRefusal(each.reason);
    assert.match(each.reason.message, /one/);
  }
  await assertInvalid(importNotebook(WorkGroup, "one"), /one/);
  const { NotebookId } = await athena.createNotebook({ WorkGroup, Name: "two" });
  await assertInvalid(athena.updateNotebookMetadata({ NotebookId, Name: "one" }), /one/);
  const elsewhere = await sparkWorkGroup("nb-names-elsewhere");
  await athena.createNotebook({ WorkGroup: elsewhere, Name: "one" });
});

test("a token makes one notebook, one update and one name however often it is sent", async () => {
  const WorkGroup = await sparkWorkGroup("nb-tokens");
  const create = { WorkGroup, Name: "created", ClientRequestToken: newToken() };
  const { NotebookId } = await athena.createNotebook(create);
  assert.equal((await athena.createNotebook(create)).NotebookId, NotebookId);

  const token = { ClientRequestToken: newToken() };
  const imported = await importNotebook(WorkGroup, "imported", SMALL, token);
  assert.equal(await importNotebook(WorkGroup, "imported", SMALL, token), imported);

  const updateToken = newToken();
  const update = (Payload) =>
    athena.updateNotebook({ NotebookId, Payload, Type: "IPYNB", ClientRequestToken: updateToken });
  await update(SMALL);
  await update(SMALL);
  const renameToken = newToken();
  const rename = (Name) =>
    athena.updateNotebookMetadata({ NotebookId, Name, ClientRequestToken: renameToken });
  await rename("renamed");
  await rename("renamed");

  for (const change of [
    () => athena.createNotebook({ ...create, Name: "another" }),
    () => importNotebook(WorkGroup, "another", SMALL, token),
    () => update(`${SMALL} `),
    () => rename("another"),
  ]) {
    const error = await refusalOf(change());
    assert.equal(error.AthenaErrorCode, "IDEMPOTENT_PARAMETER_MISMATCH");
  }
  const upperCase = { ...create, Name: "x", ClientRequestToken: newToken().toUpperCase() };
  await assertInvalid(athena.createNotebook(upperCase), /clientRequestToken/);
});

test("an unknown notebook is an invalid request to every operation on notebooks", async () => {
  const NotebookId = unknownId;
  const update = { NotebookId, Payload: SMALL, Type: "IPYNB" };
  await assertInvalid(athena.exportNotebook({ NotebookId }), NOT_FOUND);
  await assertInvalid(athena.getNotebookMetadata({ NotebookId }), NOT_FOUND);
  await assertInvalid(athena.updateNotebook(update), NOT_FOUND);
  await assertInvalid(athena.updateNotebookMetadata({ NotebookId, Name: "x" }), NOT_FOUND);
  await assertInvalid(athena.deleteNotebook({ NotebookId }), NOT_FOUND);
  await assertInvalid(athena.listNotebookSessions({ NotebookId }), NOT_FOUND);
});

test("what is no notebook of nbformat 4 is refused and said why", async () => {
  const WorkGroup = await sparkWorkGroup("nb-invalid");
  const good = notebookWithImage(30);
  const drawing = { cell_type: "drawing", id: "a", metadata: {}, source: "" };
  for (const [payload, message] of [
    ["{", /not a notebook/],
    ["[]", /not a notebook.*object/],
    [JSON.stringify({ ...good, nbformat: 3 }), /nbformat/],
    [JSON.stringify({ ...good, cells: undefined }), /cells/],
    [JSON.stringify({ ...good, cells: [good.cells[0], drawing] }), /cells\[1\]\.cell_type/],
  ]) {
    await assertInvalid(importNotebook(WorkGroup, "invalid", payload), message);
  }
  const NotebookId = await importNotebook(WorkGroup, "valid");
  const broken = { NotebookId, Payload: "{", Type: "IPYNB" };
  await assertInvalid(athena.updateNotebook(broken), /not a notebook/);
  assert.equal(await payloadOf(NotebookId), SMALL);
});

test("members of a notebook that break a constraint are named", async () => {
  const WorkGroup = "primary";
  for (const Name of ["a/b", "a:b", "a\\b", "x".repeat(256)]) {
    await assertInvalid(athena.createNotebook({ WorkGroup, Name }), /'name' failed to satisfy/);
  }
  await assertInvalid(athena.createNotebook({ WorkGroup }), /'name' .* must not be null$/);
  await assertInvalid(importNotebook(WorkGroup, "x", SMALL, { Type: "PDF" }), /'type' .*\[IPYNB\]/);
  await assertInvalid(athena.exportNotebook({ NotebookId: "x" }), /'notebookId' failed/);
  const nowhere = { WorkGroup: "nowhere" };
  await assertInvalid(athena.createNotebook({ ...nowhere, Name: "x" }), "WorkGroup is not found.");
  await assertInvalid(athena.listNotebookMetadata(nowhere), "WorkGroup is not found.");
});
