import assert from "node:assert/strict";
import { test } from "node:test";
import { age, describeEndpoint, describeModels, describePart, describeUploads, summarize } from "../../web/status-words.js";

const SERVERLESS = { name: "AllTraffic", weight: 1, memory_mb: 2048, max_at_once: 5, kept_ready: 0 };
const ENDPOINT = { state: "InService", kind: "serverless", deployed_at: "2026-11-29T14:00:00Z", reason: null, variants: [SERVERLESS] };
const MODELS = { variants: [{ name: "AllTraffic", version: null }], approved: null, is_newest: true };
const UPLOADS = { waiting: 0, in_progress: 0, dead_letters: 0, oldest_s: null };
const STATUS = { endpoint: ENDPOINT, models: MODELS, uploads: UPLOADS, alarms: { alarms: [], missing: [] }, jobs: { newest: [], is_complete: true }, unread: [] };

test("says how long", () => {
  assert.deepEqual([0, 59.4, 60, 150, 3600, 86_400].map(age), ["0 s", "59 s", "1 min", "3 min", "1 h", "24 h"]);
});

test("has a word for each state of an endpoint, and shows one that it does not know", () => {
  for (const [state, mood] of [["InService", "good"], ["Creating", "busy"], ["Updating", "busy"], ["RollingBack", "busy"], ["Failed", "bad"], ["SomethingNew", "bad"]]) {
    const { mood: found, word } = describeEndpoint({ ...ENDPOINT, state });
    assert.equal(found, mood, state);
    assert.ok(word.length > 2);
  }
  assert.equal(describeEndpoint({ ...ENDPOINT, state: "SomethingNew" }).word, "SomethingNew");
});

test("tells a serverless endpoint's limits, and how many instances of others run", () => {
  assert.ok(describeEndpoint(ENDPOINT).lines.includes("Answers up to 5 requests at once, with 2 GB each."));
  const two = [{ name: "a", weight: 3, instances: 1, wanted_instances: 2 }, { name: "b", weight: 1, instances: 1, wanted_instances: 1 }];
  const { lines } = describeEndpoint({ ...ENDPOINT, kind: "cpu", variants: two });
  assert.ok(lines.includes("a, 75 % of the requests: 1 of 2 instances."));
  assert.ok(lines.includes("b, 25 % of the requests: 1 instance."));
});

test("compares what serves with what is approved", () => {
  assert.deepEqual(describeModels(MODELS).lines, ["The deployment’s own model serves.", "No version is approved."]);
  assert.equal(describeModels({ ...MODELS, is_newest: false }).mood, "busy");
  assert.ok(describeModels(MODELS, { name: "cnn", version: "1.0.0+0a1b" }).lines.includes("It answers as cnn 1.0.0+0a1b."));
});

test("calls dead letters bad, and a queue busy", () => {
  assert.equal(describeUploads(UPLOADS).mood, "good");
  assert.equal(describeUploads({ ...UPLOADS, waiting: 2, oldest_s: 61 }).mood, "busy");
  assert.equal(describeUploads({ ...UPLOADS, waiting: 2, in_progress: 1 }).word, "2 waiting");
  assert.equal(describeUploads({ ...UPLOADS, in_progress: 2 }).word, "2 being worked on"); // where the line below says that none waits
  assert.equal(describeUploads({ ...UPLOADS, dead_letters: 1 }).word, "1 dead letter");
});

test("says in one line whether somebody must look", () => {
  assert.deepEqual(summarize(STATUS), ["good", "All is well."]);
  assert.equal(summarize({ ...STATUS, uploads: { ...UPLOADS, waiting: 3 } })[1], "Nothing is wrong. Under way: uploads: 3 waiting.");
  assert.equal(summarize({ ...STATUS, uploads: { ...UPLOADS, dead_letters: 3 } })[1], "Needs a look: uploads: 3 dead letters.");
});

test("calls nothing well that was not read", () => {
  const unread = [{ part: "alarms", detail: "AWS took more than 8 s" }];
  assert.deepEqual(describePart("alarms", { ...STATUS, alarms: null, unread }), { mood: "bad", word: "Not known", lines: ["AWS took more than 8 s."] });
  assert.deepEqual(summarize({ ...STATUS, alarms: null, unread })[0], "bad");
});
