import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEntry } from "../../web/history-view.js";
import { findSurplus, fingerprint, History, readOwner } from "../../web/history.js";
import { describeWrong } from "../../web/model-card.js";
import { describeRequest, formatJson } from "../../web/raw-json.js";

const entry = (key, size) => ({ key, body: { size } });
const keys = (entries) => entries.map(({ key }) => key).sort();
const token = (claims) => `any.${btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}.any`;

test("lets the oldest go, by count and by bytes", () => {
  assert.deepEqual(keys(findSurplus([entry(1, 1), entry(2, 1), entry(3, 1)], 2, 100)), [1]);
  assert.deepEqual(keys(findSurplus([entry(1, 1), entry(2, 60), entry(3, 50)], 9, 100)), [1, 2]);
  assert.deepEqual(findSurplus([entry(1, 50), entry(2, 50)], 2, 100), []);
});

test("knows what was asked before", async () => {
  const [a, again, b] = await Promise.all(["a", "a", "b"].map((text) => fingerprint(new Blob([text]))));
  assert.equal(a, again);
  assert.notEqual(a, b);
});

test("reads who a token was given to", () => {
  assert.equal(readOwner(token({ sub: "someone", name: "Zoë ÿ".normalize("NFC").replace(/[^\x00-\xff]/g, "") })), "someone");
  for (const none of [null, "", "no-token", "a.!.b", token({})]) assert.equal(readOwner(none), "");
});

test("does without a browser's database", async () => {
  const history = new History("", undefined);
  await history.add({ body: new Blob(["any"]) });
  assert.deepEqual([await history.isKept(), await history.list(), await history.clear()], [false, [], false]);
});

test("says what came of an entry", () => {
  assert.equal(describeEntry({ answer: { label: 7, verdict: "certain" } }), "7");
  assert.equal(describeEntry({ answer: { label: 7, verdict: "unsure" } }), "7, unsure");
  assert.equal(describeEntry({ answer: { label: 4, digits: [4, 2] } }), "4 2");
  assert.equal(describeEntry({ answer: { label: 4, digits: [3, 1, 4, 1, 5, 9, 2] } }), "7 digits");
  assert.equal(describeEntry({ answer: { value: 53521.336 }, asked: "3.1 years" }), "53,521.34 for 3.1 years");
});

test("writes lists of numbers as one line, and reads back", () => {
  const value = { a: [1, -2.5, 3e-7], b: [[1], ["x"]], c: "[\n 1\n]" };
  assert.match(formatJson(value), /"a": \[1, -2\.5, 3e-7\]/);
  assert.deepEqual(JSON.parse(formatJson(value)), value);
});

test("writes a request without its token", async () => {
  const body = new Blob(['{"instances": [[1]]}'], { type: "application/json" });
  const text = await describeRequest({ url: "https://a.example/predictions", body, hasToken: true });
  assert.equal(text, 'POST https://a.example/predictions\ncontent-type: application/json\nauthorization: Bearer …\n\n{\n  "instances": [\n    [1]\n  ]\n}');
  assert.match(await describeRequest({ url: "u", body: new Blob(["1234"], { type: "image/png" }), hasToken: false }), /\(4 bytes of image\/png\)$/);
});

test("counts mistakes", () => {
  assert.deepEqual([1, 0.9959, 0.95947].map(describeWrong), ["0 of 1,000 wrong", "4 of 1,000 wrong", "41 of 1,000 wrong"]);
});
