import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { checkFile, formOf, Jobs, persist, uploadProblem } from "../../web/jobs.js";
import { Problem } from "../../web/problem.js";

const UPLOAD = { url: "https://bucket.example.com/", fields: { key: "uploads/me/j1/a b.csv", "Content-Type": "text/csv", policy: "any" } };
const FILE = new File(["1,2,3"], "a b.csv", { type: "text/csv" });
const passing = () => new Problem("any", "any", "", { askAgain: true });

let calls;
let replies;
let requests;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const api = {
  call: async (path, options, signal) => {
    calls.push({ path, ...options, signal });
    const reply = replies.shift();
    if (reply instanceof Error) throw reply;
    return reply;
  },
};

class FakeRequest {
  upload = {};
  headers = {};
  constructor() {
    requests.push(this);
  }
  open = (method, url) => Object.assign(this, { method, url });
  setRequestHeader = (name, value) => (this.headers[name] = value);
  send = (form) => (this.form = form);
  abort = () => (this.aborted = true);
  answer = (status, responseText = "") => {
    Object.assign(this, { status, responseText });
    this.onload();
  };
}

const jobs = () => new Jobs(api, () => new FakeRequest());

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  [calls, replies, requests] = [[], [], []];
});

test("makes a job with the file's name, type and size under one key, also when it asks again", async () => {
  replies = [passing(), { id: "j1", upload: UPLOAD }];
  const made = jobs().create({ name: "a b.csv", type: "", size: 5, csv: true }, "key-1");
  await settle();
  mock.timers.tick(1000);
  assert.equal((await made).id, "j1");
  assert.deepEqual(calls.map(({ path, headers }) => [path, headers["idempotency-key"]]), [["/jobs", "key-1"], ["/jobs", "key-1"]]);
  assert.deepEqual(JSON.parse(calls[0].body), { name: "a b.csv", content_type: "application/octet-stream", size_bytes: 5, csv: true });
});

test("says that a deployment has no uploads when nobody answers /jobs", async () => {
  replies = [new Problem("Not found", "any", "", { status: 404 }), new Problem("Not found", "any", "", { status: 404 })];
  await assert.rejects(jobs().create({ name: "a" }, "k"), { code: "no-uploads", detail: "This deployment has no uploads." });
  await assert.rejects(jobs().list(), { code: "no-uploads" });
});

test("keeps the API's own word for a job that is not there", async () => {
  replies = [new Problem("Not found", "No job j1.", "", { status: 404 })];
  await assert.rejects(jobs().get("j1"), { detail: "No job j1." });
});

test("asks for a job and for pages of jobs", async () => {
  await jobs().get("a/b");
  await jobs().list();
  await jobs().list("c+/=");
  assert.deepEqual(calls.map(({ path }) => path), ["/jobs/a%2Fb", "/jobs?limit=20", "/jobs?limit=20&cursor=c%2B%2F%3D"]);
});

test("sends the signed fields in their order and the file last, with no header of its own", async () => {
  const seen = [];
  const sent = jobs().upload(UPLOAD, FILE, (fraction) => seen.push(fraction));
  const [request] = requests;
  assert.deepEqual([request.method, request.url, request.headers], ["POST", UPLOAD.url, {}]);
  assert.deepEqual([...request.form.keys()], ["key", "Content-Type", "policy", "file"]);
  request.upload.onprogress({ loaded: 1, total: 4 });
  request.answer(204);
  await sent;
  assert.deepEqual([seen, calls], [[0.25], []]);
  assert.equal(formOf(UPLOAD.fields, FILE).get("file").name, "a b.csv");
});

test("uploads again after a broken connection and a busy storage, but not after a refusal", async () => {
  const sent = jobs().upload(UPLOAD, FILE, () => {});
  requests[0].onerror();
  await settle();
  mock.timers.tick(1000);
  await settle();
  requests[1].answer(503, "<Error><Message>Slow down</Message></Error>");
  await settle();
  mock.timers.tick(2000);
  await settle();
  requests[2].answer(403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
  await assert.rejects(sent, { title: "The upload failed", detail: "Access Denied" });
  assert.equal(requests.length, 3);
});

test("starts over when nothing moves for a minute", async () => {
  const sent = jobs().upload(UPLOAD, FILE, () => {});
  mock.timers.tick(50_000);
  requests[0].upload.onprogress({ loaded: 1, total: 4 });
  mock.timers.tick(50_000);
  assert.equal(requests[0].aborted, undefined);
  mock.timers.tick(10_000);
  assert.equal(requests[0].aborted, true);
  await settle();
  mock.timers.tick(1000);
  await settle();
  requests[1].answer(204);
  await sent;
});

test("stops when it is told to, also while it waits to try again", async () => {
  for (const broken of [false, true]) {
    const abort = new AbortController();
    const sent = jobs().upload(UPLOAD, FILE, () => {}, abort.signal);
    if (broken) requests.at(-1).onerror();
    await settle();
    abort.abort();
    await assert.rejects(sent, { name: "AbortError" });
  }
  assert.equal(requests[0].aborted, true);
  assert.equal(requests.length, 2);
});

test("gives up in the end, with the problem it met", async () => {
  let tries = 0;
  const waits = [];
  const failing = persist(async () => { tries++; throw passing(); }, null, { wait: async (ms) => waits.push(ms), random: () => 1 });
  await assert.rejects(failing, { name: "Problem" });
  assert.deepEqual([tries, waits], [4, [1000, 2000, 4000]]);
});

test("puts a storage's refusal in words", () => {
  assert.match(uploadProblem(400, "<Error><Code>EntityTooLarge</Code><MaxSizeAllowed>26214400</MaxSizeAllowed></Error>").detail, /26\.2 MB/);
  assert.equal(uploadProblem(403, "<Error><Message>Invalid according to Policy: Policy expired.</Message></Error>").code, "upload-expired");
  assert.match(uploadProblem(418, "").detail, /418/);
});

test("refuses an empty file and one that is too large", () => {
  assert.throws(() => checkFile({ name: "a.png", size: 0 }), { title: "An empty file", detail: "“a.png” is empty." });
  assert.throws(() => checkFile({ name: "a.png", size: 30_200_000 }, { max_bytes: 26_214_400 }), { detail: "“a.png” is 30.2 MB; an upload takes at most 26.2 MB." });
  checkFile({ name: "a.png", size: 26_214_400 }, { min_bytes: 1, max_bytes: 26_214_400 });
});
