import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFew } from "../../web/batch.js";
import { describeUpload, outcomeOf, progressOf } from "../../web/upload-card.js";

const item = { name: "rows.csv", size: 100, fraction: 0, rowsDone: 0, rowsTotal: null, late: null, problem: null, job: null };

test("calls a job that ended without an answer by that name", () => {
  assert.equal(outcomeOf("succeeded", { rows: 2, failed: 2 }), "nothing");
  assert.equal(outcomeOf("succeeded", { rows: 0 }), "nothing");
  assert.equal(outcomeOf("succeeded", { rows: 2, failed: 1 }), "succeeded");
  assert.equal(outcomeOf("succeeded", {}), "succeeded"); // a line of the list that nobody counted yet
  assert.equal(outcomeOf("failed", { rows: 2, failed: 2 }), "failed");
  assert.equal(describeUpload({ ...item, phase: "succeeded", job: { summary: { rows: 2, failed: 2 } } }), "rows.csv: nothing was read");
});

test("says below a state what goes on, and never the state again", () => {
  const chips = { queued: "Queued", creating: "Starting", uploading: "Uploading", waiting: "Waiting", processing: "Processing" };
  for (const [phase, chip] of Object.entries(chips)) assert.notEqual(progressOf({ ...item, phase })[0], chip, phase);
});

test("counts only what was counted", () => {
  for (const summary of [undefined, {}, { processing_s: 1 }, { rows: 3 }]) {
    const said = describeUpload({ ...item, phase: "succeeded", job: { summary } });
    assert.doesNotMatch(said, /NaN|undefined/);
  }
  assert.equal(describeUpload({ ...item, phase: "succeeded", job: { summary: { rows: 3, failed: 1 } } }), "rows.csv: 2 rows read, 1 failed");
});

test("says what up to three rows are, and counts more", () => {
  assert.equal(describeFew({ rows: 1, failed: 0, labels: { 8: 1 } }), "The one row is an 8.");
  assert.equal(describeFew({ rows: 3, failed: 0, labels: { 4: 2, 7: 1 } }), "The 3 rows are a 4, a 4 and a 7.");
  assert.equal(describeFew({ rows: 3, failed: 2, labels: { 7: 1 } }), "1 of 3 rows was read: a 7.");
  assert.equal(describeFew({ rows: 2, failed: 0, values: { min: 1, median: 1.5, max: 2 } }), "The 2 rows give 1 and 2.");
  for (const summary of [{}, { rows: 4, labels: { 7: 4 } }, { rows: 2, failed: 2 }, { rows: 3 }, { rows: 0 }]) assert.equal(describeFew(summary), "");
  assert.equal(describeUpload({ ...item, phase: "succeeded", job: { summary: { rows: 1, labels: { 7: 1 } } } }), "rows.csv: The one row is a 7.");
});

test("says how many digits of a picture are not certain", () => {
  const read = (...verdicts) => describeUpload({ ...item, phase: "succeeded", job: { summary: { predictions: verdicts.map((verdict, label) => ({ label, probability: 0.9, verdict })) } } });
  assert.equal(read("certain", "certain"), "rows.csv: 0 1");
  assert.equal(read("certain", "unsure", "not a digit"), "rows.csv: 0 1 2, 2 of them unsure");
  assert.equal(read("unsure"), "rows.csv: 0, unsure");
  assert.equal(read(undefined), "rows.csv: 0"); // a model without trust: its probability says it
});
