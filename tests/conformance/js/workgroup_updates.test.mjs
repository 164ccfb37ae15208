// UpdateWorkGroup: what is given replaces, what a Remove flag names goes, everything else stays.

import assert from "node:assert/strict";
import test from "node:test";

import { ROLE, assertInvalid, athena, sparkWorkGroup } from "./support.mjs";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

async function configurationOf(WorkGroup) {
  return (await athena.getWorkGroup({ WorkGroup })).WorkGroup.Configuration;
}

test("an update replaces every member it can name", async () => {
  const WorkGroup = await sparkWorkGroup("replaced");
  const replaced = {
    EnforceWorkGroupConfiguration: false,
    PublishCloudWatchMetricsEnabled: true,
    BytesScannedCutoffPerQuery: 20_000_000,
    RequesterPaysEnabled: true,
    AdditionalConfiguration: '{"now":1}',
    ExecutionRole: `${ROLE}-2`,
    CustomerContentEncryptionConfiguration: { KmsKey: KEY },
    EnableMinimumEncryptionConfiguration: true,
    QueryResultsS3AccessGrantsConfiguration: {
      EnableS3AccessGrants: false,
      CreateUserLevelPrefix: false,
      AuthenticationType: "DIRECTORY_IDENTITY",
    },
    MonitoringConfiguration: {
      CloudWatchLoggingConfiguration: { Enabled: false },
      ManagedLoggingConfiguration: { Enabled: false },
      S3LoggingConfiguration: { Enabled: true, LogLocation: "s3://logs/there/" },
    },
    EngineConfiguration: {
      MaxConcurrentDpus: 9,
      Classifications: [{ Name: "spark-defaults", Properties: { a: "b" } }],
    },
  };
  const results = {
    OutputLocation: "s3://results/replaced",
    EncryptionConfiguration: { EncryptionOption: "CSE_KMS", KmsKey: KEY },
    ExpectedBucketOwner: "210987654321",
    AclConfiguration: { S3AclOption: "BUCKET_OWNER_FULL_CONTROL" },
  };
  const managed = { Enabled: true, EncryptionConfiguration: { KmsKey: KEY } };
  const { $metadata, ...members } = await athena.updateWorkGroup({
    WorkGroup,
    Description: "replaced too",
    ConfigurationUpdates: {
      ...replaced,
      ResultConfigurationUpdates: results,
      ManagedQueryResultsConfigurationUpdates: managed,
    },
  });
  assert.equal($metadata.httpStatusCode, 200);
  assert.deepEqual(members, {});

  const shown = (await athena.getWorkGroup({ WorkGroup })).WorkGroup;
  assert.equal(shown.Description, "replaced too");
  assert.deepEqual(shown.Configuration, {
    ...replaced,
    ResultConfiguration: results,
    ManagedQueryResultsConfiguration: managed,
    EngineVersion: {
      SelectedEngineVersion: "PySpark engine version 3",
      EffectiveEngineVersion: "PySpark engine version 3",
    },
  });
});

test("each Remove flag takes away its member and nothing else", async () => {
  const WorkGroup = await sparkWorkGroup("removed", {
    ResultConfiguration: {
      OutputLocation: "s3://results/removed",
      EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
      ExpectedBucketOwner: "123456789012",
      AclConfiguration: { S3AclOption: "BUCKET_OWNER_FULL_CONTROL" },
    },
    ManagedQueryResultsConfiguration: {
      Enabled: false,
      EncryptionConfiguration: { KmsKey: KEY },
    },
    BytesScannedCutoffPerQuery: 10_000_000,
    CustomerContentEncryptionConfiguration: { KmsKey: KEY },
  });
  const results = (flag) => ({ ResultConfigurationUpdates: { [flag]: true } });
  const managed = { RemoveEncryptionConfiguration: true };
  const removals = [
    [results("RemoveOutputLocation"), "ResultConfiguration", "OutputLocation"],
    [results("RemoveEncryptionConfiguration"), "ResultConfiguration", "EncryptionConfiguration"],
    [results("RemoveExpectedBucketOwner"), "ResultConfiguration", "ExpectedBucketOwner"],
    [results("RemoveAclConfiguration"), "ResultConfiguration", "AclConfiguration"],
    [
      { ManagedQueryResultsConfigurationUpdates: managed },
      "ManagedQueryResultsConfiguration",
      "EncryptionConfiguration",
    ],
    [{ RemoveBytesScannedCutoffPerQuery: true }, "BytesScannedCutoffPerQuery"],
    [
      { RemoveCustomerContentEncryptionConfiguration: true },
      "CustomerContentEncryptionConfiguration",
    ],
  ];
  const expected = await configurationOf(WorkGroup);
  for (const [ConfigurationUpdates, ...path] of removals) {
    const parent = path.length === 2 ? expected[path[0]] : expected;
    assert.ok(path.at(-1) in parent, `${path.join(".")} was there`);
    delete parent[path.at(-1)];
    await athena.updateWorkGroup({ WorkGroup, ConfigurationUpdates });
    assert.deepEqual(await configurationOf(WorkGroup), expected, path.join("."));
  }
  assert.deepEqual(expected.ResultConfiguration, {});
});

test("a Remove flag that is false removes nothing", async () => {
  const WorkGroup = await sparkWorkGroup("kept", { BytesScannedCutoffPerQuery: 10_000_000 });
  const before = await configurationOf(WorkGroup);
  await athena.updateWorkGroup({
    WorkGroup,
    ConfigurationUpdates: {
      RemoveBytesScannedCutoffPerQuery: false,
      RemoveCustomerContentEncryptionConfiguration: false,
      ResultConfigurationUpdates: { RemoveOutputLocation: false },
    },
  });
  assert.deepEqual(await configurationOf(WorkGroup), before);
});

test("an update of one member leaves the others of its structure alone", async () => {
  const WorkGroup = await sparkWorkGroup("one-member", {
    ResultConfiguration: {
      OutputLocation: "s3://results/one",
      EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
    },
  });
  const updates = { ResultConfigurationUpdates: { OutputLocation: "s3://results/two" } };
  await athena.updateWorkGroup({ WorkGroup, ConfigurationUpdates: updates });
  const configuration = await configurationOf(WorkGroup);
  assert.deepEqual(configuration.ResultConfiguration, {
    OutputLocation: "s3://results/two",
    EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
  });
});

test("a description is replaced, and taken away by an empty one", async () => {
  const WorkGroup = await sparkWorkGroup("described", {}, { Description: "first" });
  const description = async () => (await athena.getWorkGroup({ WorkGroup })).WorkGroup.Description;
  await athena.updateWorkGroup({ WorkGroup, Description: "second" });
  assert.equal(await description(), "second");
  await athena.updateWorkGroup({ WorkGroup, State: "ENABLED" });
  assert.equal(await description(), "second");
  await athena.updateWorkGroup({ WorkGroup, Description: "" });
  assert.equal(await description(), undefined);
});

test("an update that breaks a rule changes nothing", async () => {
  const WorkGroup = await sparkWorkGroup("unchanged", {}, { Description: "as it was" });
  const before = (await athena.getWorkGroup({ WorkGroup })).WorkGroup;
  const refuse = (updates, message) =>
    assertInvalid(
      athena.updateWorkGroup({
        WorkGroup,
        Description: "changed",
        ConfigurationUpdates: updates,
      }),
      message,
    );
  const sql = { SelectedEngineVersion: "Athena engine version 3" };
  await refuse({ EngineVersion: sql }, /engine/i);
  await refuse({ EngineVersion: { SelectedEngineVersion: "Spark 99" } }, /Spark 99/);
  await refuse({ BytesScannedCutoffPerQuery: 1 }, /greater than or equal to 10000000$/);
  await refuse(
    { ResultConfigurationUpdates: { ExpectedBucketOwner: "12345678901" } },
    /expectedBucketOwner/,
  );
  await assertInvalid(athena.updateWorkGroup({ WorkGroup, State: "PAUSED" }), /'state'/);
  assert.deepEqual((await athena.getWorkGroup({ WorkGroup })).WorkGroup, before);
});
