import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { createClient } from "../../clients/js/src/index.js";
import { FakeApi, problem, settle } from "./fake_api.mjs";

const ANSWER = { predictions: [{ label: 7, probability: 0.9, probabilities: [] }], model: {}, id: "p1", request_id: "r" };
const JOB = { id: "j1", state: "waiting", name: "a.png", created_at: "2026-01-01T00:00:00Z", channel: "/jobs/me/j1" };
const PICTURE = new Blob(["any"], { type: "image/png" });

let api;
let client;

beforeEach((context) => {
  api = new FakeApi().listen(context);
  client = createClient({ apiUrl: "https://api.example.com/" });
});

test("sends a file with its type, and bytes without one", async () => {
  api.replies = [Response.json(ANSWER), Response.json(ANSWER), Response.json(ANSWER)];
  assert.deepEqual(await client.predict(PICTURE), { ok: true, value: ANSWER });
  await client.predict(new Uint8Array([1, 2]));
  await client.predict(new FormData());
  assert.deepEqual(api.asked.map(({ method, url }) => [method, url])[0], ["POST", "https://api.example.com/predictions"]);
  assert.deepEqual(api.asked.map(({ headers }) => headers["content-type"]), ["image/png", "application/octet-stream", undefined]);
  assert.equal(api.asked[0].body, PICTURE);
});

test("sends numbers as JSON", async () => {
  api.replies = [Response.json(ANSWER), Response.json(ANSWER)];
  await client.predict([3.1]);
  await client.predict({ instances: [[1], [2]] });
  assert.deepEqual(api.asked.map(({ body, headers }) => [headers["content-type"], JSON.parse(body)]), [["application/json", [3.1]], ["application/json", { instances: [[1], [2]] }]]);
});

test("sends rows by their columns' names", async () => {
  const row = { Stock: "EG", Zimmer: 2 };
  api.replies = [Response.json(ANSWER), Response.json(ANSWER)];
  await client.predict(row);
  await client.predict([row, row]);
  assert.deepEqual(api.asked.map(({ body }) => JSON.parse(body)), [row, [row, row]]);
});

test("throws for what is no input, because that is a mistake of the program", async () => {
  for (const input of [null, undefined, "seven.png", 7, new Float32Array(2), new URLSearchParams(), new Date()]) await assert.rejects(client.predict(input), TypeError);
  assert.equal(api.asked.length, 0);
});

test("asks for each digit, the pixels and a variant where it is told to", async () => {
  await client.predict(PICTURE, { digits: "all", pixels: true, variant: "new" });
  assert.equal(api.asked[0].url, "https://api.example.com/predictions?digits=all&include=pixels&variant=new");
});

test("answers with a failure whatever the service says, and never throws", async () => {
  const replies = [problem(422, "blank-image"), new Response("<html>", { status: 502 }), new Response("not JSON"), Response.json({ predictions: [] }), new TypeError("fetch failed")];
  const codes = [];
  for (const reply of replies) {
    api.replies = [reply];
    codes.push((await client.predict(PICTURE)).error.code);
  }
  assert.deepEqual(codes, ["blank-image", "gateway-failed", "unreadable-answer", "unreadable-answer", "unreachable"]);
});

test("stops when it is told to", async () => {
  api.replies = [new DOMException("any", "AbortError")];
  assert.equal((await client.predict(PICTURE, { signal: AbortSignal.abort() })).error.code, "aborted");
});

test("sends the token, and renews one that is refused, once", async () => {
  const wanted = [];
  client = createClient({ apiUrl: "https://api.example.com", token: async ({ forceRefresh }) => (wanted.push(forceRefresh), `token-${wanted.length}`) });
  api.replies = [new Response("", { status: 401 }), Response.json(ANSWER)];
  assert.equal((await client.predict(PICTURE)).ok, true);
  assert.deepEqual(api.asked.map(({ headers }) => headers.authorization), ["Bearer token-1", "Bearer token-2"]);
  api.replies = [new Response("", { status: 401 }), new Response("", { status: 401 })];
  assert.equal((await client.predict(PICTURE)).error.code, "sign-in");
  assert.deepEqual(wanted, [false, true, false, true]);
});

test("asks to sign in, without asking the API, where there is no token", async () => {
  const failing = async () => { throw new Error("The network is down."); };
  for (const [token, detail] of [[() => null, /people it knows/], [failing, /network is down/]]) {
    const { error } = await createClient({ apiUrl: "https://api.example.com", token }).model();
    assert.equal(error.code, "sign-in");
    assert.match(error.detail, detail);
  }
  assert.equal(api.asked.length, 0);
});

test("gives feedback for one prediction or for each", async () => {
  await client.feedback("p/1", 7);
  await client.feedback("p1", [7, null]);
  assert.deepEqual(api.asked.map(({ url, body }) => [url, JSON.parse(body)]), [["https://api.example.com/predictions/p%2F1/feedback", { label: 7 }], ["https://api.example.com/predictions/p1/feedback", { labels: [7, null] }]]);
});

test("makes a job with the file's name, type and size under one key, also when it asks again, and uploads to its form", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const upload = { url: "https://bucket.example.com/", fields: { key: "k" } };
  api.replies = [problem(503, "endpoint-busy"), Response.json({ ...JOB, upload }), new Response(null, { status: 204 })];
  const created = [];
  const result = client.upload(new File(["any"], "a b.csv"), { csv: true, keys: ["order"], onCreated: ({ id }) => created.push(id) });
  assert.equal((await finish(result, context)).value.id, "j1");
  const [first, second, form] = api.asked;
  assert.deepEqual(JSON.parse(first.body), { name: "a b.csv", content_type: "application/octet-stream", size_bytes: 3, csv: true, keys: ["order"] });
  assert.equal(first.headers["idempotency-key"], second.headers["idempotency-key"]);
  assert.deepEqual([form.url, form.body.get("key"), created], ["https://bucket.example.com/", "k", ["j1"]]);
});

test("calls a job as the API can take it, whatever its file's name is", async () => {
  const names = { "zwölf +1.png": "zwölf +1.png", "a\\b/\n.png": "a_b__.png", ["x".repeat(200)]: "x".repeat(200), [`${"x".repeat(230)}.png`]: `${"x".repeat(196)}.png`, ["🙂".repeat(200)]: "🙂".repeat(200), "\udcff.png": "_.png", " ": "_" };
  api.replies = Object.keys(names).map(() => problem(400, "invalid-input"));
  for (const name of Object.keys(names)) await client.upload(new Blob(["any"]), { name });
  assert.deepEqual(api.asked.map(({ body }) => JSON.parse(body).name), Object.values(names));
});

test("refuses an empty file before it asks", async () => {
  const { error } = await client.upload(new File([], "a.png"));
  assert.deepEqual([error.code, error.detail, api.asked.length], ["empty-file", "“a.png” is empty.", 0]);
});

test("refuses a file that is too large before it asks, where it knows the limit", async () => {
  const { error } = await createClient({ apiUrl: "https://api.example.com", maxUploadBytes: 1000 }).upload(new File(["1".repeat(1001)], "a.csv"));
  assert.deepEqual([error.code, error.detail, api.asked.length], ["too-large", "The file has 1,001 bytes; an upload takes at most 1,000.", 0]);
});

test("says that an answer has no form to upload to", async () => {
  for (const upload of [undefined, {}, { url: 5, fields: {} }, { url: "/any", fields: {} }, { url: "https://[", fields: {} }, { url: "https://s3.example.com/" }]) {
    api.replies = [Response.json({ ...JOB, upload })];
    assert.equal((await client.upload(new File(["a"], "a"))).error?.code, "unreadable-answer", JSON.stringify(upload));
  }
});

test("says that a deployment has no uploads when nobody answers /jobs, and keeps the API's own word for a job that is not there", async () => {
  const nowhere = () => Response.json({ message: "Not Found" }, { status: 404 });
  api.replies = [nowhere(), nowhere(), problem(404, "not-found", { detail: "there is no such job" })];
  assert.equal((await client.upload(new File(["a"], "a"))).error.code, "no-uploads");
  assert.equal((await client.listJobs()).error.code, "no-uploads");
  assert.equal((await client.job("j1")).error.detail, "there is no such job");
});

test("asks for a job and for pages of jobs", async () => {
  await client.job("a/b");
  await client.listJobs();
  await client.listJobs({ cursor: "c+/=", limit: 5 });
  assert.deepEqual(api.asked.map(({ url }) => url.replace("https://api.example.com", "")), ["/jobs/a%2Fb", "/jobs?limit=20", "/jobs?limit=5&cursor=c%2B%2F%3D"]);
});

/** Let time pass until a call has ended. */
async function finish(call, context) {
  let ended = false;
  call.finally(() => (ended = true));
  while (!ended) {
    await settle();
    context.mock.timers.tick(60_000);
  }
  return call;
}

async function wait(context, answers, job = JOB) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  api.replies = answers;
  return finish(client.wait(job), context);
}

test("waits for a job's end, also over a failure that passes", async (context) => {
  const done = { ...JOB, state: "succeeded", summary: { rows: 1 } };
  assert.deepEqual(await wait(context, [Response.json(JOB), problem(503, "endpoint-busy"), Response.json(done)]), { ok: true, value: done });
});

test("fails with a failed job's own words, and with the job", async (context) => {
  const failed = { ...JOB, state: "failed", error: { code: "malformed", title: "Malformed input", detail: "no row could be read", advice: "Mend it." } };
  const { ok, error } = await wait(context, [Response.json(failed)]);
  assert.deepEqual([ok, error.code, error.title, error.detail, error.advice, error.job], [false, "malformed", "Malformed input", "no row could be read", "Mend it.", failed]);
});

test("waits for a job by its id, and not for one that is not there", async (context) => {
  const done = { ...JOB, state: "succeeded" };
  assert.equal((await wait(context, [Response.json(JOB), Response.json(done)], "j1")).ok, true);
  assert.deepEqual(api.asked.map(({ url }) => url), Array(2).fill("https://api.example.com/jobs/j1"));
  api.replies = [problem(404, "not-found")];
  assert.equal((await client.wait("j2")).error.code, "not-found");
});

test("stops waiting when it is told to", async () => {
  const abort = new AbortController();
  const waiting = client.wait(JOB, { signal: abort.signal });
  abort.abort();
  assert.equal((await waiting).error.code, "aborted");
  assert.equal((await client.wait(JOB, { signal: abort.signal })).error.code, "aborted");
});

test("waits by push, and asks the API once for the result", async () => {
  const told = [];
  const heard = [];
  client.events = { subscribe: (channel, listener) => (told.push(channel, listener), () => told.push("left")) };
  const waiting = client.wait(JOB, { onEvent: ({ state }) => heard.push(state) });
  const [channel, listener] = told;
  api.replies = [Response.json({ ...JOB, state: "processing" }), Response.json({ ...JOB, state: "succeeded" })];
  listener.live(true); // for what came before
  await settle();
  listener.event({ id: "another", state: "failed" });
  listener.event({ id: "j1", state: "processing", rows_done: 3 });
  listener.event({ id: "j1", state: "succeeded" });
  assert.equal((await waiting).value.state, "succeeded");
  assert.deepEqual([channel, heard, api.asked.length, told.at(-1)], ["/jobs/me/j1", ["processing", "succeeded"], 2, "left"]);
});

test("has no push where browsers cannot sign", () => {
  assert.equal(createClient({ apiUrl: "https://a.example.com", events: { url: "https://b.example.com/event", auth: { kind: "iam" } } }).events, null);
  assert.equal(client.events, null);
});
