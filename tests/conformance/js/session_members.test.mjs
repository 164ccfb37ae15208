// Members of StartSession, those of the newest model among them, as GetSession gives them back.

import assert from "node:assert/strict";
import test from "node:test";

import {
  MOCK,
  ROLE,
  arnOf,
  athena,
  idleSession,
  sparkWorkGroup,
  terminate,
} from "./support.mjs";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

const ENGINE = {
  CoordinatorDpuSize: 1,
  MaxConcurrentDpus: 4,
  DefaultExecutorDpuSize: 1,
  AdditionalConfigs: { ...MOCK, ключ: "значение" },
  SparkProperties: { "spark.sql.shuffle.partitions": "8", "spark.empty": "" },
  Classifications: [
    { Name: "spark-defaults", Properties: { "spark.executor.cores": "2" } },
    { Name: "metastore", Properties: { a: "1", b: "2" } },
  ],
};

const MONITORING = {
  CloudWatchLoggingConfiguration: {
    Enabled: true,
    LogGroup: "/glaux/sessions",
    LogStreamNamePrefix: "nightly",
    LogTypes: { SPARK_DRIVER: ["STDOUT", "STDERR"] },
  },
  ManagedLoggingConfiguration: { Enabled: false, KmsKey: KEY },
  S3LoggingConfiguration: { Enabled: true, KmsKey: KEY, LogLocation: "s3://logs/sessions/" },
};

test("a session started with every member of the newest model gives them back", async () => {
  const WorkGroup = await sparkWorkGroup("every-session-member", {
    ResultConfiguration: { OutputLocation: "s3://results/members" },
  });
  const session = await idleSession({
    WorkGroup,
    Description: "описание",
    EngineConfiguration: ENGINE,
    ExecutionRole: `${ROLE}-of-session`,
    MonitoringConfiguration: MONITORING,
    NotebookVersion: "Athena notebook version 1",
    SessionIdleTimeoutInMinutes: 7,
    ClientRequestToken: "any text of thirty-two characters",
    Tags: [{ Key: "cost centre", Value: "7" }],
    CopyWorkGroupTags: true,
  });
  const { $metadata, ...shown } = await athena.getSession({ SessionId: session });
  assert.equal($metadata.httpStatusCode, 200);
  assert.equal(shown.SessionId, session);
  assert.equal(shown.WorkGroup, WorkGroup);
  assert.equal(shown.Description, "описание");
  assert.equal(shown.EngineVersion, "PySpark engine version 3");
  assert.deepEqual(shown.EngineConfiguration, ENGINE);
  assert.deepEqual(shown.MonitoringConfiguration, MONITORING);
  assert.equal(shown.NotebookVersion, "Athena notebook version 1");
  assert.equal(shown.SessionConfiguration.ExecutionRole, `${ROLE}-of-session`);
  assert.equal(shown.SessionConfiguration.IdleTimeoutSeconds, 420);
  assert.equal(shown.SessionConfiguration.SessionIdleTimeoutInMinutes, 7);
  assert.match(shown.SessionConfiguration.WorkingDirectory, /^s3:\/\/results\/members\/./);
  const { Tags } = await athena.listTagsForResource({ ResourceARN: arnOf(WorkGroup, session) });
  assert.deepEqual(Tags, [{ Key: "cost centre", Value: "7" }]);
  await terminate(session);
});

test("a session started with the least there is has the service's defaults", async () => {
  const { SessionId } = await athena.startSession({
    WorkGroup: "primary",
    EngineConfiguration: {},
  });
  const shown = await athena.getSession({ SessionId });
  assert.equal(shown.Description, undefined);
  assert.equal(shown.NotebookVersion, undefined);
  assert.equal(shown.MonitoringConfiguration, undefined);
  assert.equal(shown.SessionConfiguration.IdleTimeoutSeconds, 20 * 60);
  await terminate(SessionId);
});

test("settings of a session's engine that its workgroup has are its defaults", async () => {
  const WorkGroup = await sparkWorkGroup("engine-defaults", {
    EngineConfiguration: { MaxConcurrentDpus: 6, AdditionalConfigs: MOCK },
    MonitoringConfiguration: MONITORING,
  });
  const session = await idleSession({ WorkGroup, EngineConfiguration: {} });
  const shown = await athena.getSession({ SessionId: session });
  assert.equal(shown.EngineConfiguration.MaxConcurrentDpus, 6);
  assert.deepEqual(shown.EngineConfiguration.AdditionalConfigs, MOCK);
  assert.deepEqual(shown.MonitoringConfiguration, MONITORING);
  await terminate(session);
});
