// Objects: put, read whole and in parts, listed, deleted, by client-s3.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import test from "node:test";

import { NoSuchBucket, NoSuchKey, NotFound, S3, paginateListObjectsV2 } from "@aws-sdk/client-s3";

import { assertDates, clientSettings, errorOf, everyPage, s3 } from "./support.mjs";

const Bucket = "glaux";

async function put(Key, Body, members = {}) {
  const answer = await s3.putObject({ Bucket, Key, Body, ...members });
  assert.equal(answer.$metadata.httpStatusCode, 200);
  return answer;
}

async function bytesOf(Key, members = {}) {
  const { Body } = await s3.getObject({ Bucket, Key, ...members });
  return Buffer.from(await Body.transformToByteArray());
}

async function assertNoSuchKey(Key) {
  const error = await errorOf(s3.getObject({ Bucket, Key }));
  assert.ok(error instanceof NoSuchKey, error.stack);
}

async function assertS3Error(promise, name, status) {
  const error = await errorOf(promise);
  assert.equal(error.name, name, error.stack);
  assert.equal(error.$metadata.httpStatusCode, status);
}

test("an object is put, described, read and deleted", async () => {
  const Key = "objects/one";
  const written = await put(Key, "сорок два");
  const head = await s3.headObject({ Bucket, Key });
  assert.equal(head.ContentLength, Buffer.byteLength("сорок два"));
  assert.equal(head.ETag, written.ETag);
  assertDates(head, "LastModified");
  const read = await s3.getObject({ Bucket, Key });
  assert.equal(read.ETag, written.ETag);
  assert.equal(await read.Body.transformToString(), "сорок два");

  const rewritten = await put(Key, "");
  assert.notEqual(rewritten.ETag, written.ETag);
  assert.equal((await bytesOf(Key)).length, 0);

  const deleted = await s3.deleteObject({ Bucket, Key });
  assert.equal(deleted.$metadata.httpStatusCode, 204);
  await assertNoSuchKey(Key);
  const again = await s3.deleteObject({ Bucket, Key });
  assert.equal(again.$metadata.httpStatusCode, 204);
});

test("an object is put from a stream, which the client sends in its own framing", async () => {
  const Key = "objects/streamed";
  const bytes = randomBytes(3_000_000);
  const chunks = [bytes.subarray(0, 1), bytes.subarray(1, 70_001), bytes.subarray(70_001)];
  await put(Key, Readable.from(chunks), { ContentLength: bytes.length });
  assert.ok((await bytesOf(Key)).equals(bytes), "not the same bytes");
  const head = await s3.headObject({ Bucket, Key });
  assert.equal(head.ContentLength, bytes.length);
});

test("every checksum of the client is taken, in a header and behind a stream", async () => {
  const bytes = randomBytes(100_000);
  for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"]) {
    const Key = `objects/checksum ${ChecksumAlgorithm}`;
    await put(Key, bytes, { ChecksumAlgorithm });
    assert.ok((await bytesOf(Key)).equals(bytes), `${ChecksumAlgorithm}: not the same bytes`);
    const members = { ChecksumAlgorithm, ContentLength: bytes.length };
    await put(`${Key} streamed`, Readable.from([bytes]), members);
    const streamed = await bytesOf(`${Key} streamed`);
    assert.ok(streamed.equals(bytes), `${ChecksumAlgorithm}: not the same bytes streamed`);
  }
});

test("bytes that do not match their checksum are not stored", async () => {
  const Key = "objects/damaged";
  const ofOther = createHash("md5").update("other").digest("base64");
  await assertS3Error(put(Key, "these", { ContentMD5: ofOther }), "BadDigest", 400);
  await assertS3Error(put(Key, "these", { ChecksumCRC32: "AAAAAA==" }), "BadDigest", 400);
  await assertNoSuchKey(Key);
});

test("ranges of an object are read", async () => {
  const Key = "objects/range";
  await put(Key, "0123456789");
  const part = await s3.getObject({ Bucket, Key, Range: "bytes=2-4" });
  assert.equal(part.$metadata.httpStatusCode, 206);
  assert.equal(part.ContentRange, "bytes 2-4/10");
  assert.equal(part.ContentLength, 3);
  assert.equal(await part.Body.transformToString(), "234");
  assert.equal(String(await bytesOf(Key, { Range: "bytes=7-" })), "789");
  assert.equal(String(await bytesOf(Key, { Range: "bytes=-2" })), "89");
  const behind = s3.getObject({ Bucket, Key, Range: "bytes=10-" });
  await assertS3Error(behind, "InvalidRange", 416);
});

test("an object is read only if it has changed", async () => {
  const Key = "objects/conditional";
  const { ETag } = await put(Key, "first");
  const unchanged = await errorOf(s3.getObject({ Bucket, Key, IfNoneMatch: ETag }));
  assert.equal(unchanged.$metadata.httpStatusCode, 304);
  await put(Key, "second");
  assert.equal(String(await bytesOf(Key, { IfNoneMatch: ETag })), "second");
  const changed = s3.getObject({ Bucket, Key, IfMatch: ETag });
  await assertS3Error(changed, "PreconditionFailed", 412);
});

test("what is not there has the error of its class", async () => {
  const missing = await errorOf(s3.getObject({ Bucket, Key: "objects/missing" }));
  assert.equal(missing.name, "NoSuchKey");
  assert.ok(missing instanceof NoSuchKey);
  assert.equal(missing.$metadata.httpStatusCode, 404);
  const head = await errorOf(s3.headObject({ Bucket, Key: "objects/missing" }));
  assert.equal(head.name, "NotFound");
  assert.ok(head instanceof NotFound);
  const nowhere = "no-such-bucket";
  const listed = await errorOf(s3.listObjectsV2({ Bucket: nowhere }));
  assert.equal(listed.name, "NoSuchBucket");
  assert.ok(listed instanceof NoSuchBucket);
  await assertS3Error(s3.getObject({ Bucket: nowhere, Key: "k" }), "NoSuchBucket", 404);
});

test("keys are any text", async () => {
  const keys = [
    "objects/keys/with space",
    "objects/keys/plus+percent%25&=?#",
    "objects/keys/quote'\"<tag>&amp;",
    "objects/keys/кириллица \u{1F989}",
    "objects/keys/deeper/and/deeper",
  ];
  for (const Key of keys) await put(Key, `of ${Key}`);
  for (const Key of keys) assert.equal(String(await bytesOf(Key)), `of ${Key}`);
  const { Contents } = await s3.listObjectsV2({ Bucket, Prefix: "objects/keys/" });
  assert.deepEqual(Contents.map((each) => each.Key), [...keys].sort());
});

test("objects are listed by prefix, in pages, by the paginator", async () => {
  const Prefix = "objects/listed/";
  const keys = [1, 2, 3, 4, 5].map((i) => `${Prefix}${i}`);
  for (const Key of keys) await put(Key, Key);
  await put("objects/listed-beside", "beside the prefix");
  const settings = { client: s3, pageSize: 2 };
  const request = { Bucket, Prefix };
  const { found, sizes } = await everyPage(paginateListObjectsV2, settings, request, "Contents");
  assert.deepEqual(found.map((each) => each.Key), keys);
  assert.deepEqual(sizes, [2, 2, 1]);
  assert.equal(found[0].Size, keys[0].length);
  assert.equal(found[0].ETag, (await s3.headObject({ Bucket, Key: keys[0] })).ETag);
  assertDates(found[0], "LastModified");

  const rest = await s3.listObjectsV2({ Bucket, Prefix, StartAfter: keys[3] });
  assert.deepEqual(rest.Contents.map((each) => each.Key), [keys[4]]);
  assert.equal(rest.KeyCount, 1);
  assert.equal(rest.IsTruncated, false);
  const none = await s3.listObjectsV2({ Bucket, Prefix: "objects/none" });
  assert.equal(none.KeyCount, 0);
  assert.equal(none.Contents, undefined);
});

test("objects are listed as folders", async () => {
  const Prefix = "objects/tree/";
  for (const path of ["a", "b/1", "b/2/deep", "c/1", "d"]) await put(`${Prefix}${path}`, path);
  const all = await s3.listObjectsV2({ Bucket, Prefix, Delimiter: "/" });
  assert.deepEqual(all.Contents.map((each) => each.Key), [`${Prefix}a`, `${Prefix}d`]);
  assert.deepEqual(all.CommonPrefixes, [{ Prefix: `${Prefix}b/` }, { Prefix: `${Prefix}c/` }]);
  assert.equal(all.KeyCount, 4);

  const seen = [];
  let ContinuationToken;
  do {
    const page = await s3.listObjectsV2({
      Bucket, Prefix, Delimiter: "/", MaxKeys: 1, ContinuationToken,
    });
    assert.equal(page.KeyCount, 1);
    seen.push(page.Contents?.[0].Key ?? page.CommonPrefixes[0].Prefix);
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  assert.deepEqual(seen, ["a", "b/", "c/", "d"].map((each) => Prefix + each));
});

test("many objects are deleted at once", async () => {
  const keys = ["one", "two & <three>", "four"].map((each) => `objects/doomed/${each}`);
  for (const Key of keys) await put(Key, "doomed");
  const doomed = [keys[0], keys[1], "objects/doomed/was never there"];
  const Objects = doomed.map((Key) => ({ Key }));
  const { Deleted, Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
  assert.deepEqual(Deleted.map((each) => each.Key).sort(), [...doomed].sort());
  assert.equal(Errors, undefined);
  const { Contents } = await s3.listObjectsV2({ Bucket, Prefix: "objects/doomed/" });
  assert.deepEqual(Contents.map((each) => each.Key), [keys[2]]);

  const quietly = { Objects: [{ Key: keys[2] }], Quiet: true };
  const quiet = await s3.deleteObjects({ Bucket, Delete: quietly });
  assert.equal(quiet.Deleted, undefined);
  await assertNoSuchKey(keys[2]);
});

test("the headers of an object come back with it", async () => {
  const Key = "objects/headers";
  const headers = {
    ContentType: "text/x-python; charset=utf-8",
    ContentLanguage: "ru",
    ContentDisposition: 'attachment; filename="x.py"',
    CacheControl: "no-cache",
    Metadata: { origin: "a test", "with-dash": "yes" },
  };
  const members = Object.keys(headers);
  const given = (answer) => Object.fromEntries(members.map((member) => [member, answer[member]]));
  await put(Key, "print()", headers);
  assert.deepEqual(given(await s3.headObject({ Bucket, Key })), headers);
  const read = await s3.getObject({ Bucket, Key });
  assert.deepEqual(given(read), headers);
  assert.equal(read.ContentEncoding, undefined);
  await read.Body.transformToByteArray();
});

test("an object is copied", async () => {
  const CopySource = encodeURI(`${Bucket}/objects/копия/from`);
  await put("objects/копия/from", "copied", { ContentType: "text/x-copied" });
  const copied = await s3.copyObject({ Bucket, Key: "objects/копия/to", CopySource });
  const read = await s3.getObject({ Bucket, Key: "objects/копия/to" });
  assert.equal(read.ETag, copied.CopyObjectResult.ETag);
  assert.equal(read.ContentType, "text/x-copied");
  assert.equal(await read.Body.transformToString(), "copied");
  const missing = { Bucket, Key: "objects/копия/to", CopySource: `${Bucket}/objects/missing` };
  await assertS3Error(s3.copyObject(missing), "NoSuchKey", 404);
});

test("buckets are created, listed and deleted", async () => {
  const own = { Bucket: "a-bucket.of-its-own" };
  await s3.createBucket(own);
  await s3.headBucket(own);
  const names = async () => (await s3.listBuckets({})).Buckets.map((each) => each.Name);
  assert.deepEqual(await names(), [...(await names())].sort());
  assert.ok((await names()).includes(own.Bucket) && (await names()).includes(Bucket));
  await s3.putObject({ ...own, Key: "key", Body: "text" });
  await assertS3Error(s3.deleteBucket(own), "BucketNotEmpty", 409);
  await s3.deleteObject({ ...own, Key: "key" });
  await s3.deleteBucket(own);
  await assertS3Error(s3.headBucket(own), "NotFound", 404);
  assert.ok(!(await names()).includes(own.Bucket));
});

test("an address needs no setting for path style", async () => {
  await put("objects/path style", "by path");
  const client = new S3(clientSettings);
  try {
    const { Body } = await client.getObject({ Bucket, Key: "objects/path style" });
    assert.equal(await Body.transformToString(), "by path");
  } finally {
    client.destroy();
  }
});
