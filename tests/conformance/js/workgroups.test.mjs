// Workgroups: created with everything the newest model has, listed, disabled, deleted.

import assert from "node:assert/strict";
import test from "node:test";

import { paginateListWorkGroups } from "@aws-sdk/client-athena";

import {
  MOCK_ENGINE,
  ROLE,
  SPARK,
  assertDates,
  assertInvalid,
  athena,
  everyPage,
  idleSession,
  run,
  sparkWorkGroup,
  terminate,
  waitForSession,
} from "./support.mjs";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";
const NOT_FOUND = "WorkGroup is not found.";

const EVERY_MEMBER = {
  ...SPARK,
  ResultConfiguration: {
    OutputLocation: "s3://results/every/member",
    EncryptionConfiguration: { EncryptionOption: "SSE_KMS", KmsKey: KEY },
    ExpectedBucketOwner: "123456789012",
    AclConfiguration: { S3AclOption: "BUCKET_OWNER_FULL_CONTROL" },
  },
  ManagedQueryResultsConfiguration: {
    Enabled: true,
    EncryptionConfiguration: { KmsKey: KEY },
  },
  EnforceWorkGroupConfiguration: false,
  PublishCloudWatchMetricsEnabled: true,
  BytesScannedCutoffPerQuery: 10_000_000,
  RequesterPaysEnabled: true,
  AdditionalConfiguration: '{"any":"text"}',
  CustomerContentEncryptionConfiguration: { KmsKey: KEY },
  EnableMinimumEncryptionConfiguration: true,
  IdentityCenterConfiguration: {
    EnableIdentityCenter: true,
    IdentityCenterInstanceArn: "arn:aws:sso:::instance/ssoins-1234567890abcdef",
  },
  QueryResultsS3AccessGrantsConfiguration: {
    EnableS3AccessGrants: true,
    CreateUserLevelPrefix: true,
    AuthenticationType: "DIRECTORY_IDENTITY",
  },
  MonitoringConfiguration: {
    CloudWatchLoggingConfiguration: {
      Enabled: true,
      LogGroup: "/glaux/every-member",
      LogStreamNamePrefix: "prefix",
      LogTypes: { SPARK_DRIVER: ["STDOUT", "STDERR"], SPARK_EXECUTOR: ["STDERR"] },
    },
    ManagedLoggingConfiguration: { Enabled: true, KmsKey: KEY },
    S3LoggingConfiguration: { Enabled: true, KmsKey: KEY, LogLocation: "s3://logs/here/" },
  },
  EngineConfiguration: {
    CoordinatorDpuSize: 1,
    MaxConcurrentDpus: 7,
    DefaultExecutorDpuSize: 1,
    AdditionalConfigs: { additional: "config" },
    SparkProperties: { "spark.sql.shuffle.partitions": "4" },
    Classifications: [
      { Name: "spark-defaults", Properties: { "spark.executor.cores": "2", empty: "" } },
      { Name: "second", Properties: { "ключ с пробелом": "значение" } },
    ],
  },
};

test("a workgroup written with every member of the newest model reads back equal", async () => {
  await athena.createWorkGroup({
    Name: "every-member",
    Description: "all of it, словами",
    Configuration: EVERY_MEMBER,
    Tags: [{ Key: "k", Value: "v" }],
  });
  const { WorkGroup } = await athena.getWorkGroup({ WorkGroup: "every-member" });
  const expected = structuredClone(EVERY_MEMBER);
  expected.EngineVersion.EffectiveEngineVersion = "PySpark engine version 3";
  assert.deepEqual(WorkGroup.Configuration, expected);
  assert.equal(WorkGroup.Name, "every-member");
  assert.equal(WorkGroup.Description, "all of it, словами");
  assert.equal(WorkGroup.State, "ENABLED");
  assertDates(WorkGroup, "CreationTime");
});

test("a workgroup created with nothing but a name has the service's defaults", async () => {
  await athena.createWorkGroup({ Name: "only-a-name" });
  const { WorkGroup } = await athena.getWorkGroup({ WorkGroup: "only-a-name" });
  assert.equal(WorkGroup.Description, undefined);
  assert.deepEqual(WorkGroup.Configuration, {
    ResultConfiguration: {},
    EnforceWorkGroupConfiguration: true,
    PublishCloudWatchMetricsEnabled: false,
    RequesterPaysEnabled: false,
    EnableMinimumEncryptionConfiguration: false,
    EngineVersion: {
      SelectedEngineVersion: "AUTO",
      EffectiveEngineVersion: "Athena engine version 3",
    },
  });
});

test("workgroups are listed by name, in pages", async () => {
  for (let i = 0; i < 5; i++) await sparkWorkGroup(`listed-${i}`);
  const settings = { client: athena, pageSize: 2 };
  const { found, sizes } = await everyPage(paginateListWorkGroups, settings, {}, "WorkGroups");
  const names = found.map((each) => each.Name);
  assert.deepEqual(names, [...names].sort());
  for (let i = 0; i < 5; i++) assert.ok(names.includes(`listed-${i}`));
  assert.equal(sizes.length, Math.ceil(names.length / 2));

  const summary = found.find((each) => each.Name === "listed-0");
  assert.equal(summary.State, "ENABLED");
  assert.equal(summary.Description, "");
  assert.equal(summary.EngineVersion.EffectiveEngineVersion, "PySpark engine version 3");
  assertDates(summary, "CreationTime");
  const { WorkGroups } = await athena.listWorkGroups({});
  assert.deepEqual(WorkGroups.map((each) => each.Name), names);
});

test("the settings of a workgroup reach its sessions", async () => {
  const WorkGroup = await sparkWorkGroup("gives-defaults", {
    ResultConfiguration: {
      OutputLocation: "s3://results/of/group",
      EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
    },
  });
  const session = await idleSession({ WorkGroup });
  const shown = await athena.getSession({ SessionId: session });
  assert.equal(shown.EngineVersion, "PySpark engine version 3");
  assert.equal(shown.SessionConfiguration.ExecutionRole, ROLE);
  assert.ok(shown.SessionConfiguration.WorkingDirectory.startsWith("s3://results/of/group/"));
  assert.deepEqual(shown.SessionConfiguration.EncryptionConfiguration, {
    EncryptionOption: "SSE_S3",
  });
  const { Result } = await run(session, "print hello");
  assert.ok(Result.StdOutS3Uri.startsWith("s3://results/of/group/"), Result.StdOutS3Uri);
  await terminate(session);
});

test("a disabled workgroup starts no sessions until it is enabled again", async () => {
  const WorkGroup = await sparkWorkGroup("disabled");
  const before = await idleSession({ WorkGroup });
  await athena.updateWorkGroup({ WorkGroup, State: "DISABLED" });
  const shown = await athena.getWorkGroup({ WorkGroup });
  assert.equal(shown.WorkGroup.State, "DISABLED");
  const start = { WorkGroup, EngineConfiguration: MOCK_ENGINE };
  await assertInvalid(athena.startSession(start), /disabled/i);
  const listed = await athena.listWorkGroups({});
  assert.equal(listed.WorkGroups.find((each) => each.Name === WorkGroup).State, "DISABLED");
  await athena.updateWorkGroup({ WorkGroup, State: "ENABLED" });
  const after = await idleSession({ WorkGroup });
  await terminate(before, after);
});

test("a workgroup with sessions and notebooks is deleted only recursively", async () => {
  const WorkGroup = await sparkWorkGroup("not-empty");
  const session = await idleSession({ WorkGroup });
  const { NotebookId } = await athena.createNotebook({ WorkGroup, Name: "goes with it" });
  const refusal = `WorkGroup ${WorkGroup} is not empty`;
  await assertInvalid(athena.deleteWorkGroup({ WorkGroup }), refusal);
  const notRecursive = { WorkGroup, RecursiveDeleteOption: false };
  await assertInvalid(athena.deleteWorkGroup(notRecursive), refusal);

  await athena.deleteWorkGroup({ WorkGroup, RecursiveDeleteOption: true });
  await assertInvalid(athena.getWorkGroup({ WorkGroup }), NOT_FOUND);
  await assertInvalid(athena.getNotebookMetadata({ NotebookId }), /is not found/);
  await waitForSession(session, "TERMINATED");
});

test("an empty workgroup is deleted, and its name can be used again", async () => {
  const WorkGroup = await sparkWorkGroup("empty");
  const { $metadata, ...members } = await athena.deleteWorkGroup({ WorkGroup });
  assert.equal($metadata.httpStatusCode, 200);
  assert.deepEqual(members, {});
  await assertInvalid(athena.getWorkGroup({ WorkGroup }), NOT_FOUND);
  await sparkWorkGroup("empty", {}, { Description: "the second" });
  const shown = await athena.getWorkGroup({ WorkGroup });
  assert.equal(shown.WorkGroup.Description, "the second");
});

test("the primary workgroup is there from the start and stays", async () => {
  const { WorkGroup } = await athena.getWorkGroup({ WorkGroup: "primary" });
  assert.equal(WorkGroup.State, "ENABLED");
  const recreated = athena.createWorkGroup({ Name: "primary" });
  await assertInvalid(recreated, "primary workGroup could not be created");
  await assertInvalid(athena.deleteWorkGroup({ WorkGroup: "primary" }), /primary/);
  const recursive = { WorkGroup: "primary", RecursiveDeleteOption: true };
  await assertInvalid(athena.deleteWorkGroup(recursive), /primary/);
});

test("an unknown workgroup is not found", async () => {
  const WorkGroup = "nowhere";
  const start = { WorkGroup, EngineConfiguration: MOCK_ENGINE };
  await assertInvalid(athena.getWorkGroup({ WorkGroup }), NOT_FOUND);
  await assertInvalid(athena.updateWorkGroup({ WorkGroup, State: "ENABLED" }), NOT_FOUND);
  await assertInvalid(athena.deleteWorkGroup({ WorkGroup }), NOT_FOUND);
  await assertInvalid(athena.startSession(start), NOT_FOUND);
  await assertInvalid(athena.listSessions({ WorkGroup }), NOT_FOUND);
});

test("a workgroup that cannot be is not created", async () => {
  const Name = "cannot-be";
  await sparkWorkGroup("is-there");
  const again = athena.createWorkGroup({ Name: "is-there", Configuration: SPARK });
  await assertInvalid(again, "WorkGroup already exists");
  const withoutRole = { EngineVersion: SPARK.EngineVersion };
  const roleless = athena.createWorkGroup({ Name, Configuration: withoutRole });
  await assertInvalid(roleless, "executionRole is null or empty");
  const untagged = athena.createWorkGroup({ Name, Tags: [] });
  await assertInvalid(untagged, "Tags provided upon WorkGroup creation must not be empty");
  await assertInvalid(athena.createWorkGroup({ Name: "a b" }), /^1 validation error .* 'name' /);
  await assertInvalid(athena.createWorkGroup({}), /'name' .* must not be null$/);
  const few = { BytesScannedCutoffPerQuery: 9_999_999 };
  await assertInvalid(
    athena.createWorkGroup({ Name, Configuration: few }),
    /bytesScannedCutoffPerQuery' .* greater than or equal to 10000000$/,
  );
  await assertInvalid(athena.getWorkGroup({ WorkGroup: Name }), NOT_FOUND);
});

test("pages of workgroups are of one to fifty", async () => {
  await assertInvalid(athena.listWorkGroups({ MaxResults: 51 }), /less than or equal to 50$/);
  await assertInvalid(athena.listWorkGroups({ MaxResults: 0 }), /greater than or equal to 1$/);
  const nonsense = "The nextPageToken is malformed: nonsense";
  await assertInvalid(athena.listWorkGroups({ NextToken: "nonsense" }), nonsense);
});
