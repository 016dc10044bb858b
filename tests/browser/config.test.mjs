import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig, hasChanged, readConfig } from "../../web/config.js";

const BASE = "https://page.example.com/";
const valid = { apiUrl: "https://api.example.com/", auth: { kind: "none" }, recipe: "digits", stage: "dev", limits: ["any"] };
const jwt = { kind: "jwt", region: "eu-west-1", userPoolId: "any", clientId: "any", domain: "any" };
const events = { url: "https://push.example.com/event", realtimeUrl: "wss://push.example.com/event/realtime", auth: { kind: "jwt" } };
const words = (pattern) => (error) => error.name === "Problem" && pattern.test(error.detail) && error.advice !== "";

test("reads what the deployment wrote", async () => {
  const fetcher = async (url) => {
    assert.equal(String(url), `${BASE}config.json`);
    return Response.json(valid);
  };
  assert.deepEqual(await readConfig(fetcher, BASE), { ...valid, apiUrl: "https://api.example.com", recipes: [], input: "pictures", live: false, maxUploadBytes: Infinity });
});

test("takes an API on the page's own host", () => {
  assert.equal(checkConfig({ apiUrl: "/api/" }, BASE).apiUrl, "https://page.example.com/api");
});

test("takes push where it is deployed, and does without it where browsers cannot sign", () => {
  assert.deepEqual(checkConfig({ ...valid, events }, BASE).events, events);
  assert.equal("events" in checkConfig({ ...valid, events: { ...events, auth: { kind: "iam" } } }, BASE), false);
});

test("says what is wrong with a configuration", () => {
  for (const [config, pattern] of [
    [null, /not hold an object/],
    ["text", /not hold an object/],
    [{}, /apiUrl/],
    [{ apiUrl: "javascript:alert(1)" }, /not a web address/],
    [{ ...valid, auth: { kind: "magic" } }, /"magic"/],
    [{ ...valid, auth: { kind: "iam" } }, /IAM/],
    [{ ...valid, auth: { ...jwt, clientId: "" } }, /clientId/],
    [{ ...valid, events: { ...events, realtimeUrl: "https://push.example.com" } }, /realtimeUrl/],
    [{ ...valid, events: { ...events, auth: { kind: "apiKey" } } }, /events\.auth/],
  ]) assert.throws(() => checkConfig(config, BASE), words(pattern));
});

test("says when it is missing, no JSON or out of reach", async () => {
  await assert.rejects(readConfig(async () => new Response("", { status: 403 }), BASE), words(/missing .*403/));
  await assert.rejects(readConfig(async () => new Response("<html>"), BASE), words(/not JSON/));
  await assert.rejects(readConfig(async () => { throw new TypeError("offline"); }, BASE), words(/could not be fetched/));
});

test("tells whether the deployment has changed since", async () => {
  const answering = (config) => async () => Response.json(config);
  const known = await readConfig(answering(valid), BASE);
  assert.equal(await hasChanged(known, answering(valid), BASE), false);
  assert.equal(await hasChanged(known, answering({ ...valid, auth: jwt }), BASE), true);
  assert.equal(await hasChanged(known, answering({ ...valid, auth: { kind: "iam" } }), BASE), true);
  assert.equal(await hasChanged(known, async () => new Response("", { status: 503 }), BASE), false);
  assert.equal(await hasChanged(known, () => Promise.reject(new TypeError("no network")), BASE), false);
});
