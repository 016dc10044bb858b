import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, isUnderWay, mergeRow, reduce } from "../../clients/js/src/upload-state.js";
import { createUploads } from "../../clients/js/src/uploads.js";
import { settle } from "./fake_api.mjs";

const JOB = { id: "j1", state: "waiting", name: "a.csv", created_at: "2026-01-01T00:00:00Z", channel: "/jobs/me/j1", upload: { url: "https://up.example.com", fields: {}, min_bytes: 1, max_bytes: 100 } };
const DONE = { ...JOB, state: "succeeded", summary: { rows: 3, succeeded: 3, failed: 0 } };
const after = (...actions) => actions.reduce(reduce, begin("k", { name: "a.csv", size: 9 }));
const event = (state, more = {}) => ({ type: "event", event: { id: "j1", state, ...more } });
const problemOf = (title, more = {}) => ({ title, detail: "any", isTemporary: false, retryAfterS: null, ...more });
const CREATED = { type: "sending", phase: "uploading", more: { id: JOB.id } };
const UPLOADED = { type: "sending", phase: "waiting", more: { fraction: 1, arrived: true } };

test("goes from its turn to its answer", () => {
  const phases = [];
  [{ type: "sending", phase: "creating" }, CREATED, { type: "sending", phase: "uploading", more: { fraction: 0.5 } }, UPLOADED, event("processing"), { type: "job", job: DONE }].reduce((item, action) => {
    const next = reduce(item, action);
    phases.push(next.phase);
    return next;
  }, begin("k", { name: "a.csv" }));
  assert.deepEqual(phases, ["creating", "uploading", "uploading", "waiting", "processing", "succeeded"]);
});

test("takes events twice, late and out of order without going back", () => {
  const item = after(CREATED, UPLOADED, event("processing", { rows_done: 500, rows_total: 1000 }), event("processing", { rows_done: 200, rows_total: 1000 }), event("waiting"));
  assert.deepEqual([item.phase, item.rowsDone, item.rowsTotal], ["processing", 500, 1000]);
  const over = [event("succeeded", { rows: 1000 }), event("succeeded", { rows: 1000 }), event("processing", { rows_done: 900 }), { type: "job", job: { ...JOB, state: "processing" } }].reduce(reduce, item);
  assert.deepEqual([over.phase, over.job, over.rowsDone], ["succeeded", null, 1000]);
});

test("believes the API's last word over an event's", () => {
  const failed = { ...JOB, state: "failed", error: { title: "t" } };
  const item = after(CREATED, event("succeeded"), { type: "job", job: failed }, event("succeeded"), { type: "job", job: DONE });
  assert.deepEqual([item.phase, item.job], ["failed", failed]);
});

test("knows that a file arrived when work on it begins before the upload's own answer", () => {
  const item = after(CREATED, event("processing"), UPLOADED);
  assert.deepEqual([item.phase, item.arrived], ["processing", true]);
});

test("forgets a problem when the job goes on, and keeps an answer whatever goes wrong later", () => {
  const problem = problemOf("t");
  assert.equal(after({ type: "problem", problem }).phase, "problem");
  assert.equal(after(CREATED, { type: "problem", problem }, event("processing")).problem, null);
  assert.equal(after(CREATED, { type: "job", job: DONE }, { type: "problem", problem }).phase, "succeeded");
  assert.equal(after(CREATED, { type: "late", problem }, { type: "job", job: JOB }).late, null);
});

test("ignores states and actions it does not know", () => {
  const item = after(CREATED);
  assert.equal(reduce(item, event("odd")), item);
  assert.equal(reduce(item, event("constructor")), item);
  assert.equal(reduce(item, { type: "odd" }), item);
});

test("knows what is still under way", () => {
  assert.deepEqual(["queued", "creating", "uploading", "waiting", "processing", "problem", "succeeded", "failed"].map((phase) => isUnderWay({ phase })), [true, true, true, true, true, false, false, false]);
});

test("keeps a done job done in the list", () => {
  assert.equal(mergeRow({ id: 1, state: "succeeded", rows: 3 }, { id: 1, state: "waiting" }).state, "succeeded");
  assert.equal(mergeRow({ id: 1, state: "waiting" }, { id: 1, state: "failed" }).state, "failed");
  assert.equal(mergeRow(undefined, { id: 1, state: "waiting" }).state, "waiting");
});

class FakeClient {
  created = [];
  pending = [];
  gets = 0;
  said = DONE;
  lists = [];
  events = null;
  upload(file, { name, csv, idempotencyKey, onCreated, onProgress, signal }) {
    this.created.push({ name, csv, signal, idempotencyKey });
    const job = { ...JOB, id: `j${this.created.length}`, name };
    onCreated(job);
    return new Promise((resolve) => {
      this.pending.push({ file, progress: onProgress, finish: () => resolve({ ok: true, value: job }), fail: (error) => resolve({ ok: false, error }) });
      signal.addEventListener("abort", () => resolve({ ok: false, error: problemOf("aborted") }));
    });
  }
  async job(id) {
    this.gets++;
    return { ok: true, value: { ...this.said, id } };
  }
  async listJobs() {
    return this.lists.shift();
  }
}

class FakeEvents {
  listeners = new Map();
  hurry = () => {};
  subscribe(channel, listener) {
    this.listeners.set(channel, listener);
    listener.live(true);
    return () => this.listeners.delete(channel);
  }
}

const file = (name, size = 9) => ({ name, size, type: "text/csv" });

test("shows an upload's whole way by push, asking the API once", async () => {
  const [jobs, events] = [new FakeClient(), new FakeEvents()];
  jobs.events = events;
  const uploads = createUploads(jobs, () => {});
  uploads.add([file("a.csv")], { csv: true });
  await settle();
  assert.deepEqual([jobs.created[0].name, jobs.created[0].csv, uploads.isBusy], ["a.csv", true, true]);
  jobs.pending[0].progress(0.4);
  assert.equal(uploads.items[0].fraction, 0.4);
  jobs.pending[0].finish();
  await settle();
  assert.equal(uploads.items[0].phase, "waiting");
  const { event: hear } = events.listeners.get("/jobs/me/j1");
  hear({ id: "j1", state: "processing", rows_done: 1, rows_total: 3 });
  hear({ id: "someone-elses", state: "failed" });
  assert.equal(uploads.items[0].phase, "processing");
  hear({ id: "j1", state: "succeeded", rows: 3 });
  await settle();
  assert.deepEqual([uploads.items[0].phase, uploads.items[0].job.summary.rows, jobs.gets], ["succeeded", 3, 1]);
  assert.deepEqual(uploads.list.jobs.map(({ id, state, rows }) => [id, state, rows]), [["j1", "succeeded", 3]]);
  assert.equal(events.listeners.size, 0);
});

test("asks the API while nothing is pushed, and goes on after a network's failure", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const jobs = new FakeClient();
  const answers = [{ ...JOB, state: "processing" }, problemOf("unreachable", { isTemporary: true }), DONE];
  jobs.job = async (id) => {
    jobs.gets++;
    const next = answers.shift();
    return next.isTemporary ? { ok: false, error: next } : { ok: true, value: { ...next, id } };
  };
  const uploads = createUploads(jobs, () => {});
  uploads.add([file("a.csv")]);
  await settle();
  jobs.pending[0].finish();
  await settle();
  const phases = [];
  for (const wait of [1000, 1500, 2250]) {
    t.mock.timers.tick(wait - 1);
    await settle();
    phases.push(jobs.gets);
    t.mock.timers.tick(1);
    await settle();
    phases.push(uploads.items[0].late?.title ?? uploads.items[0].phase);
  }
  assert.deepEqual(phases, [0, "processing", 1, "unreachable", 2, "succeeded"]);
  t.mock.timers.tick(100_000);
  await settle();
  assert.equal(jobs.gets, 3);
});

test("asks at once when push comes back, for what it missed", async () => {
  const [jobs, events] = [new FakeClient(), new FakeEvents()];
  jobs.events = events;
  const uploads = createUploads(jobs, () => {});
  uploads.add([file("a.csv")]);
  await settle();
  jobs.pending[0].finish();
  await settle();
  const { live } = events.listeners.get("/jobs/me/j1");
  live(false);
  live(true);
  await settle();
  assert.equal(uploads.items[0].phase, "succeeded");
});

test("uploads three files at a time, in the order they came", async () => {
  const jobs = new FakeClient();
  const uploads = createUploads(jobs, () => {});
  uploads.add(["1", "2", "3", "4"].map((name) => file(name)));
  await settle();
  assert.deepEqual(jobs.pending.map((upload) => upload.file.name), ["1", "2", "3"]);
  jobs.pending[1].fail(problemOf("broken"));
  await settle();
  assert.deepEqual(jobs.pending.map((upload) => upload.file.name), ["1", "2", "3", "4"]);
  for (const { key } of uploads.items) uploads.close(key);
});

test("tells what keeps it from asking, such as a page without its configuration", async () => {
  const error = Object.assign(new Error("The file config.json is missing"), { title: "This page is not connected" });
  const uploads = createUploads(Promise.reject(error), () => {});
  uploads.add([file("a.csv")]);
  await uploads.load();
  await settle();
  assert.deepEqual([uploads.items[0].phase, uploads.items[0].problem.title, uploads.list.problem.title], ["problem", "This page is not connected", "This page is not connected"]);
});

test("sends a file to the same job when its upload is tried again", async () => {
  const jobs = new FakeClient();
  const uploads = createUploads(jobs, () => {});
  uploads.add([file("a.csv")]);
  await settle();
  jobs.pending[0].fail(problemOf("broken"));
  await settle();
  uploads.retry(uploads.items[0].key);
  await settle();
  assert.equal(jobs.created.length, 2);
  assert.equal(new Set(jobs.created.map(({ idempotencyKey }) => idempotencyKey)).size, 1);
  uploads.add([file("a.csv")], { idempotencyKey: jobs.created[0].idempotencyKey }); // by a page that was left meanwhile
  await settle();
  assert.equal(jobs.created[2].idempotencyKey, uploads.items[1].idempotencyKey);
  assert.equal(uploads.items[0].phase, "uploading");
  uploads.close(uploads.items[0].key);
});

test("stops the upload of a card that is closed", async () => {
  const jobs = new FakeClient();
  const uploads = createUploads(jobs, () => {});
  uploads.add([file("a.csv")]);
  await settle();
  uploads.close(uploads.items[0].key);
  await settle();
  assert.equal(jobs.created[0].signal.aborted, true);
  assert.deepEqual([uploads.items, uploads.isBusy], [[], false]);
});

test("lists jobs newest first, page after page, and opens one", async () => {
  const jobs = new FakeClient();
  const entry = (id, day) => ({ ...DONE, id, created_at: `2026-01-0${day}T00:00:00Z` });
  jobs.lists = [{ jobs: [entry("c", 3), entry("b", 2)], next: "more" }, { jobs: [entry("b", 2), entry("a", 1)], next: null }].map((value) => ({ ok: true, value }));
  const uploads = createUploads(jobs, () => {});
  await uploads.load();
  assert.equal(uploads.list.next, "more");
  await uploads.load({ more: true });
  assert.deepEqual([uploads.list.jobs.map(({ id }) => id), uploads.list.next, jobs.gets], [["c", "b", "a"], null, 0]);
  const key = uploads.open("b");
  await settle();
  assert.equal(uploads.items[0].job.id, "b");
  assert.equal(uploads.open("b"), key);
  assert.equal(uploads.items.length, 1);
});
