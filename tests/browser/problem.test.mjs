import assert from "node:assert/strict";
import { test } from "node:test";
import { problemFrom, retryAfterS, createUnreachable } from "../../web/problem.js";

const none = new Headers();
const said = (code, more = {}) => JSON.stringify({ type: `urn:inferstack:problem:${code}`, title: "A title", detail: "A detail", advice: "An advice", request_id: "r-1", ...more });

test("keeps the API's own words", () => {
  const problem = problemFrom(422, none, said("blank-image"));
  assert.deepEqual([problem.title, problem.detail, problem.advice, problem.code, problem.requestId], ["A title", "A detail", "An advice", "blank-image", "r-1"]);
  assert.equal(problem.retryInS, null);
  assert.equal(problem.askAgain, false);
});

test("waits as long as Retry-After says", () => {
  const problem = problemFrom(503, new Headers({ "retry-after": "12" }), said("endpoint-starting"));
  assert.equal(problem.retryInS, 12);
  assert.equal(problem.askAgain, true);
});

test("waits a usual time when Retry-After is hidden from other origins", () => {
  assert.equal(problemFrom(503, none, said("endpoint-starting")).retryInS, 5);
  assert.equal(problemFrom(429, none, said("endpoint-busy")).retryInS, 5);
});

test("asks again by itself only what passes by itself", () => {
  for (const [status, code] of [[400, "malformed"], [502, "endpoint-failed"], [504, "endpoint-timeout"], [503, "endpoint-failed"]]) {
    assert.equal(problemFrom(status, none, said(code)).retryInS, null, code);
  }
});

test("finds words when a gateway answered instead of the API", () => {
  assert.equal(problemFrom(429, none, '{"message":"Too Many Requests"}').title, "Too many requests");
  assert.equal(problemFrom(503, none, "<html>").retryInS, 5);
  const odd = problemFrom(418, none, "");
  assert.match(odd.detail, /418/);
  assert.equal(problemFrom(500, none, "null").title, "Something went wrong");
});

test("reads Retry-After as seconds or as a date, within reason", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.equal(retryAfterS("7", now), 7);
  assert.equal(retryAfterS("0", now), 1);
  assert.equal(retryAfterS("Thu, 01 Jan 2026 00:00:09 GMT", now), 9);
  assert.equal(retryAfterS("86400", now), 60);
  assert.equal(retryAfterS("soon", now), null);
  assert.equal(retryAfterS(null, now), null);
});

test("names the host that did not answer, and what to do where it runs", () => {
  assert.match(createUnreachable("https://api.example.com/v1", "prod").detail, /api\.example\.com/);
  assert.match(createUnreachable("http://127.0.0.1:4566", "local").advice, /make up/);
});
