// What a daemon offers to everybody: engine versions and DPU sizes.

import assert from "node:assert/strict";
import test from "node:test";

import {
  Athena,
  paginateListApplicationDPUSizes,
  paginateListEngineVersions,
} from "@aws-sdk/client-athena";

import { assertInvalid, athena, clientSettings, endpoint, everyPage } from "./support.mjs";

const VERSIONS = [
  ["AUTO", "Athena engine version 3"],
  ["Athena engine version 3", "Athena engine version 3"],
  ["PySpark engine version 3", "PySpark engine version 3"],
  ["Apache Spark version 3.5", "Apache Spark version 3.5"],
];

test("engine versions are listed in pages", async () => {
  const settings = { client: athena, pageSize: 3 };
  const { found, sizes } = await everyPage(
    paginateListEngineVersions, settings, {}, "EngineVersions",
  );
  const versions = found.map((each) => [each.SelectedEngineVersion, each.EffectiveEngineVersion]);
  assert.deepEqual(versions, VERSIONS);
  assert.deepEqual(sizes, [3, 1]);
});

test("DPU sizes are listed in pages", async () => {
  const settings = { client: athena, pageSize: 1 };
  const { found } = await everyPage(
    paginateListApplicationDPUSizes, settings, {}, "ApplicationDPUSizes",
  );
  assert.deepEqual(found, [
    { ApplicationRuntimeId: "Athena notebook version 1", SupportedDPUSizes: [1] },
  ]);
});

test("a malformed page token is refused by the lists of what is offered", async () => {
  const message = "The nextPageToken is malformed: nonsense";
  await assertInvalid(athena.listEngineVersions({ NextToken: "nonsense" }), message);
  await assertInvalid(athena.listApplicationDPUSizes({ NextToken: "nonsense" }), message);
});

test("page sizes out of bounds are refused by the lists of what is offered", async () => {
  for (const [list, largest] of [
    ["listEngineVersions", 10],
    ["listApplicationDPUSizes", 100],
  ]) {
    await assertInvalid(
      athena[list]({ MaxResults: largest + 1 }),
      `1 validation error detected: Value at 'maxResults' failed to satisfy constraint: ` +
        `Member must have value less than or equal to ${largest}`,
    );
  }
});

test("the endpoint can be given by environment variable", async () => {
  const { endpoint: _, ...settings } = clientSettings;
  process.env.AWS_ENDPOINT_URL_ATHENA = endpoint;
  const client = new Athena(settings);
  try {
    const { WorkGroup } = await client.getWorkGroup({ WorkGroup: "primary" });
    assert.equal(WorkGroup.Name, "primary");
  } finally {
    delete process.env.AWS_ENDPOINT_URL_ATHENA;
    client.destroy();
  }
});
