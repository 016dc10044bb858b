import assert from "node:assert/strict";
import { test } from "node:test";
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
