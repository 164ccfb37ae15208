// Tags of workgroups and sessions.

import assert from "node:assert/strict";
import test from "node:test";

import { ResourceNotFoundException, paginateListTagsForResource } from "@aws-sdk/client-athena";

import {
  arnOf,
  assertInvalid,
  athena,
  everyPage,
  idleSession,
  refusalOf,
  sparkWorkGroup,
  terminate,
  unknownId,
} from "./support.mjs";

const byKey = (one, other) => (one.Key < other.Key ? -1 : 1);

// {"key": "value"} of all tags.
async function tagsOf(ResourceARN) {
  const { Tags } = await athena.listTagsForResource({ ResourceARN });
  return Object.fromEntries(Tags.map((tag) => [tag.Key, tag.Value]));
}

test("tags of a workgroup are created, replaced, added and removed", async () => {
  const Tags = [
    { Key: "owner", Value: "them" },
    { Key: "empty", Value: "" },
  ];
  const ResourceARN = arnOf(await sparkWorkGroup("tagged", {}, { Tags }));
  assert.deepEqual(await tagsOf(ResourceARN), { owner: "them", empty: "" });

  const changed = [
    { Key: "owner", Value: "us" },
    { Key: "стоимость", Value: "центр 1" },
  ];
  const answer = await athena.tagResource({ ResourceARN, Tags: changed });
  assert.equal(answer.$metadata.httpStatusCode, 200);
  assert.deepEqual(await tagsOf(ResourceARN), { owner: "us", empty: "", стоимость: "центр 1" });

  await athena.untagResource({ ResourceARN, TagKeys: ["empty", "was never there"] });
  assert.deepEqual(await tagsOf(ResourceARN), { owner: "us", стоимость: "центр 1" });
});

test("tags are listed by the paginator", async () => {
  const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `key-${i}`, Value: `value ${i}` }));
  const ResourceARN = arnOf(await sparkWorkGroup("many-tags", {}, { Tags }));
  const settings = { client: athena, pageSize: 75 };
  const { found } = await everyPage(
    paginateListTagsForResource, settings, { ResourceARN }, "Tags",
  );
  assert.deepEqual(found.sort(byKey), Tags.sort(byKey));
});

test("a resource has fifty tags at most", async () => {
  const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `key-${i}`, Value: "" }));
  const ResourceARN = arnOf(await sparkWorkGroup("fifty-tags", {}, { Tags }));
  const before = await tagsOf(ResourceARN);
  const oneMore = { ResourceARN, Tags: [{ Key: "one more", Value: "" }] };
  await assertInvalid(athena.tagResource(oneMore), /50/);
  assert.deepEqual(await tagsOf(ResourceARN), before);
  await athena.tagResource({ ResourceARN, Tags: [{ Key: "key-0", Value: "replaced" }] });
  assert.equal((await tagsOf(ResourceARN))["key-0"], "replaced");
});

test("tags of a session are given at its start and changed later", async () => {
  const Tags = [{ Key: "job", Value: "nightly" }];
  const ofGroup = { Tags: [{ Key: "g", Value: "" }] };
  const WorkGroup = await sparkWorkGroup("tags-of-sessions", {}, ofGroup);
  const session = await idleSession({ WorkGroup, Tags });
  const ResourceARN = arnOf(WorkGroup, session);
  assert.deepEqual(await tagsOf(ResourceARN), { job: "nightly" });
  await athena.tagResource({ ResourceARN, Tags: [{ Key: "run", Value: "7" }] });
  await athena.untagResource({ ResourceARN, TagKeys: ["job"] });
  assert.deepEqual(await tagsOf(ResourceARN), { run: "7" });
  assert.deepEqual(await tagsOf(arnOf(WorkGroup)), { g: "" });
  await terminate(session);
});

test("CopyWorkGroupTags gives a session the tags its workgroup has then", async () => {
  const WorkGroup = await sparkWorkGroup("copied", {}, { Tags: [{ Key: "team", Value: "a" }] });
  const own = [{ Key: "job", Value: "nightly" }];
  const copying = await idleSession({ WorkGroup, CopyWorkGroupTags: true, Tags: own });
  const notCopying = await idleSession({ WorkGroup, CopyWorkGroupTags: false, Tags: own });
  await athena.tagResource({ ResourceARN: arnOf(WorkGroup), Tags: [{ Key: "team", Value: "b" }] });
  assert.deepEqual(await tagsOf(arnOf(WorkGroup, copying)), { job: "nightly", team: "a" });
  assert.deepEqual(await tagsOf(arnOf(WorkGroup, notCopying)), { job: "nightly" });
  await terminate(copying, notCopying);
});

test("a resource that is not there is named as not found", async () => {
  const Tags = [{ Key: "k", Value: "v" }];
  const TagKeys = ["k"];
  for (const ResourceARN of [arnOf("nowhere"), arnOf("primary", unknownId)]) {
    for (const call of [
      () => athena.tagResource({ ResourceARN, Tags }),
      () => athena.untagResource({ ResourceARN, TagKeys }),
      () => athena.listTagsForResource({ ResourceARN }),
    ]) {
      const error = await refusalOf(call(), ResourceNotFoundException);
      assert.equal(error.ResourceName, ResourceARN);
    }
  }
});

test("what names no resource is refused by the operations on tags", async () => {
  const ResourceARN = arnOf("primary");
  const Tags = [{ Key: "k", Value: "v" }];
  await assertInvalid(athena.tagResource({ ResourceARN: "primary", Tags }), /./);
  await assertInvalid(athena.listTagsForResource({ ResourceARN: "primary" }), /./);
  await assertInvalid(athena.untagResource({ ResourceARN: "primary", TagKeys: ["k"] }), /./);
  await assertInvalid(athena.tagResource({ ResourceARN }), /'tags' .* must not be null$/);
  await assertInvalid(athena.untagResource({ ResourceARN }), /'tagKeys' .* must not be null$/);
  await assertInvalid(
    athena.tagResource({ ResourceARN, Tags: [{ Key: "k".repeat(129), Value: "" }] }),
    /key' .* length less than or equal to 128$/,
  );
  await assertInvalid(
    athena.listTagsForResource({ ResourceARN, MaxResults: 74 }),
    /'maxResults' .* greater than or equal to 75$/,
  );
});
