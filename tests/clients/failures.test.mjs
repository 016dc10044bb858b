import assert from "node:assert/strict";
import { test } from "node:test";
import { failLost, failUnforeseen, readFailure } from "../../clients/js/src/failures.js";

const none = new Headers();
const said = (code, more = {}) => JSON.stringify({ type: `urn:inferstack:problem:${code}`, title: "A title", detail: "A detail", advice: "An advice", request_id: "r-1", ...more });
const read = (...answer) => {
  const { ok, error } = readFailure(...answer);
  assert.equal(ok, false);
  return error;
};

test("keeps the API's own words", () => {
  const failure = read(422, none, said("blank-image"));
  assert.deepEqual(failure, { code: "blank-image", title: "A title", detail: "A detail", advice: "An advice", status: 422, isTemporary: false, retryAfterS: null, requestId: "r-1" });
});

test("waits as long as Retry-After says", () => {
  const failure = read(503, new Headers({ "retry-after": "12" }), said("endpoint-starting"));
  assert.deepEqual([failure.retryAfterS, failure.isTemporary], [12, true]);
  assert.equal(read(429, new Headers({ "retry-after": "1260" }), said("too-many-requests")).retryAfterS, 1260);
});

test("waits a day at most, since a timer that runs too long ends at once, and no time that is over", () => {
  const wait = (text) => read(503, new Headers({ "retry-after": text }), said("endpoint-starting")).retryAfterS;
  assert.deepEqual(["1e9", "1".repeat(400), "Infinity"].map(wait), [86_400, 86_400, 86_400]);
  assert.deepEqual(["-1", "0", "soon"].map(wait), [5, 5, 5]);
});

test("waits a usual time when Retry-After is hidden from other origins", () => {
  assert.equal(read(503, none, said("endpoint-starting")).retryAfterS, 5);
  assert.equal(read(429, none, said("endpoint-busy")).retryAfterS, 5);
  assert.equal(read(503, new Headers({ "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" }), "").retryAfterS, 5);
});

test("says to ask again by itself only what passes by itself", () => {
  for (const [status, code] of [[400, "malformed"], [502, "endpoint-failed"], [504, "endpoint-timeout"], [503, "endpoint-failed"], [429, "too-many-requests"]]) {
    assert.equal(read(status, none, said(code)).retryAfterS, null, code);
  }
});

test("finds words and a code when a gateway answered instead of the API", () => {
  const busy = read(429, none, '{"message":"Too Many Requests"}');
  assert.deepEqual([busy.code, busy.title, busy.retryAfterS], ["throttled", "Throttled", 5]);
  const stranger = read(401, new Headers({ "x-request-id": "r-2" }), '{"message":"Unauthorized"}');
  assert.deepEqual([stranger.code, stranger.requestId], ["unauthorized", "r-2"]);
  assert.match(stranger.advice, /`token`/);
  const unsigned = read(403, none, '{"message":"Forbidden"}');
  assert.deepEqual([unsigned.code, unsigned.isTemporary], ["forbidden", false]);
  assert.match(unsigned.advice, /auth=iam.*back end/);
  assert.equal(read(403, none, said("forbidden")).advice, JSON.parse(said("forbidden")).advice ?? "");
  assert.equal(read(503, none, "<html>").retryAfterS, 5);
  assert.match(read(418, none, "").detail, /418/);
  assert.equal(read(500, none, "null").code, "gateway-failed");
});

test("names the host that did not answer, or not in time", () => {
  const { error } = failLost("timeout", "https://api.example.com/v1", "The API cannot be reached");
  assert.deepEqual([error.code, error.title, error.isTemporary], ["timeout", "The API cannot be reached", true]);
  assert.match(error.detail, /api\.example\.com/);
  assert.equal(failLost("upload-broken", "https://up.example.com").error.title, "Upload broken");
});

test("tells an error that nobody foresaw, in its own words where it has some", () => {
  assert.equal(failUnforeseen(new TypeError("any")).error.detail, "any");
  assert.equal(failUnforeseen(Object.assign(new Error("any"), { title: "This page is not connected", advice: "Run it." })).error.title, "This page is not connected");
});
