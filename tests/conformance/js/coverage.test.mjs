// That the other tests left nothing out: every operation of the client's model that a daemon has
// was called, with success and without, and every paginator has turned a page.

import assert from "node:assert/strict";
import test from "node:test";

import * as athenaClient from "@aws-sdk/client-athena";
import { paginateListObjectsV2 } from "@aws-sdk/client-s3";

import { calls, pagesSeen } from "./support.mjs";

// Athena for SQL, which glaux is not: queries, catalogs, capacity.
const SQL = /Quer|PreparedStatement|DataCatalog|Databases?(Command)?$|TableMetadata|Capacity/;

const NOT_AVAILABLE_YET = [
  "CreatePresignedNotebookUrlCommand",
  "GetResourceDashboardCommand",
  "GetSessionEndpointCommand",
];

// Their lists are never longer than the smallest page there is.
const ONE_PAGE = [
  "paginateListApplicationDPUSizes",
  "paginateListExecutors",
  "paginateListTagsForResource",
];

const OBJECTS = [
  "AbortMultipartUploadCommand",
  "CompleteMultipartUploadCommand",
  "CopyObjectCommand",
  "CreateBucketCommand",
  "CreateMultipartUploadCommand",
  "DeleteBucketCommand",
  "DeleteObjectCommand",
  "DeleteObjectsCommand",
  "GetObjectCommand",
  "HeadBucketCommand",
  "HeadObjectCommand",
  "ListBucketsCommand",
  "ListObjectsV2Command",
  "ListPartsCommand",
  "PutObjectCommand",
  "UploadPartCommand",
];

const ours = (pattern) =>
  Object.keys(athenaClient).filter((name) => pattern.test(name) && !SQL.test(name));
const commands = ours(/^[A-Z].*[a-z]Command$/);

test("every operation of the model was refused once with an error of the model", () => {
  assert.equal(commands.length, 34, commands.join(" "));
  const missing = commands.filter((name) => !calls.get(name)?.refusals.size);
  assert.deepEqual(missing, []);
});

test("every operation that a daemon has was called with success", () => {
  const available = commands.filter((name) => !NOT_AVAILABLE_YET.includes(name));
  const missing = [...available, ...OBJECTS].filter((name) => !calls.get(name)?.succeeded);
  assert.deepEqual(missing, []);
});

test("operations that a daemon has not were never called with success", () => {
  const unexpected = NOT_AVAILABLE_YET.filter((name) => calls.get(name)?.succeeded);
  assert.deepEqual(unexpected, []);
});

test("every paginator has turned a page", () => {
  const paginators = ours(/^paginate/);
  assert.equal(paginators.length, 7, paginators.join(" "));
  const pages = new Map(paginators.map((name) => [name, athenaClient[name]]));
  pages.set("paginateListObjectsV2", paginateListObjectsV2);
  for (const [name, paginate] of pages) {
    const least = ONE_PAGE.includes(name) ? 1 : 2;
    const seen = pagesSeen.get(paginate) ?? 0;
    assert.ok(seen >= least, `${name} saw ${seen} pages`);
  }
});
