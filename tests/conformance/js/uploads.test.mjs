// Objects uploaded in parts.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import test from "node:test";

import { NoSuchKey } from "@aws-sdk/client-s3";

import { errorOf, s3 } from "./support.mjs";

const Bucket = "glaux";
const SMALLEST_PART = 5 * 1024 * 1024; // of all but the last

async function uploadPart(upload, PartNumber, Body, members = {}) {
  const { ETag } = await s3.uploadPart({ ...upload, PartNumber, Body, ...members });
  return { PartNumber, ETag };
}

async function begin(Key) {
  const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
  assert.ok(UploadId);
  return { Bucket, Key, UploadId };
}

async function assertMissing(Key) {
  const error = await errorOf(s3.getObject({ Bucket, Key }));
  assert.ok(error instanceof NoSuchKey, error.stack);
}

test("parts become one object, in the order of their numbers", async () => {
  const upload = await begin("uploads/parts");
  const bytes = randomBytes(2 * SMALLEST_PART + 1000);
  const [first, second, last] = [
    bytes.subarray(0, SMALLEST_PART),
    bytes.subarray(SMALLEST_PART, 2 * SMALLEST_PART),
    bytes.subarray(2 * SMALLEST_PART),
  ];
  const parts = [
    await uploadPart(upload, 3, last),
    await uploadPart(upload, 1, randomBytes(1000)),
    await uploadPart(upload, 2, Readable.from([second]), { ContentLength: second.length }),
    await uploadPart(upload, 1, first),
  ];
  await assertMissing(upload.Key);
  const Parts = [parts[3], parts[2], parts[0]];
  const listed = await s3.listParts(upload);
  assert.deepEqual(
    listed.Parts.map(({ PartNumber, ETag, Size }) => ({ PartNumber, ETag, Size })),
    Parts.map((part, i) => ({ ...part, Size: [first, second, last][i].length })),
  );
  const completed = await s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  assert.equal(completed.Key, upload.Key);
  assert.equal(completed.Bucket, Bucket);

  const read = await s3.getObject({ Bucket, Key: upload.Key });
  assert.equal(read.ETag, completed.ETag);
  assert.equal(read.ContentLength, bytes.length);
  assert.ok(bytes.equals(await read.Body.transformToByteArray()), "not the same bytes");
});

test("more bytes than a request may have are refused in S3's words", async () => {
  const Body = Buffer.alloc(80 * 1024 * 1024);
  const error = await errorOf(s3.putObject({ Bucket, Key: "uploads/at once", Body }));
  assert.equal(error.name, "EntityTooLarge", error.stack);
  await assertMissing("uploads/at once");
});

test("an upload that is aborted leaves nothing", async () => {
  const upload = await begin("uploads/aborted");
  const part = await uploadPart(upload, 1, "never seen");
  const aborted = await s3.abortMultipartUpload(upload);
  assert.equal(aborted.$metadata.httpStatusCode, 204);
  await assertMissing(upload.Key);
  const late = await errorOf(uploadPart(upload, 2, "too late"));
  assert.equal(late.name, "NoSuchUpload");
  const completed = s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: [part] } });
  assert.equal((await errorOf(completed)).name, "NoSuchUpload");
  const { Contents } = await s3.listObjectsV2({ Bucket, Prefix: "uploads/aborted" });
  assert.equal(Contents, undefined);
});

test("an upload is completed only with the parts it has", async () => {
  const upload = await begin("uploads/incomplete");
  const part = await uploadPart(upload, 1, "all of it");
  const complete = (...Parts) =>
    s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts } });
  const missing = { PartNumber: 2, ETag: part.ETag };
  assert.equal((await errorOf(complete(missing))).name, "InvalidPart");
  const other = { PartNumber: 1, ETag: '"00000000000000000000000000000000"' };
  assert.equal((await errorOf(complete(other))).name, "InvalidPart");
  await complete(part);
  const { Body } = await s3.getObject({ Bucket, Key: upload.Key });
  assert.equal(await Body.transformToString(), "all of it");
});
