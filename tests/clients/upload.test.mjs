import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { createForm, persist, readAnswer, sendFile } from "../../clients/js/src/upload.js";
import { FakeApi, FakeRequest, settle } from "./fake_api.mjs";

const FORM = { url: "https://bucket.example.com/", fields: { key: "uploads/me/j1/a b.csv", "Content-Type": "text/csv", policy: "any" } };
const FILE = new File(["1,2,3"], "a b.csv", { type: "text/csv" });
const passing = { ok: false, error: { isTemporary: true, retryAfterS: null } };

let requests;
class Request extends FakeRequest {
  constructor() {
    super();
    requests.push(this);
  }
}
const send = (options = {}) => sendFile(FORM, FILE, { name: "a b.csv", ...options });

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  requests = [];
  globalThis.XMLHttpRequest = Request;
});

test("sends the signed fields in their order and the file last, with no header of its own", async () => {
  const seen = [];
  const sent = send({ onProgress: (fraction) => seen.push(fraction) });
  const [request] = requests;
  assert.deepEqual([request.method, request.url, request.headers], ["POST", FORM.url, {}]);
  assert.deepEqual([...request.form.keys()], ["key", "Content-Type", "policy", "file"]);
  request.upload.onprogress({ loaded: 1, total: 4 });
  request.answer(204);
  assert.deepEqual([await sent, seen], [{ ok: true, value: null }, [0.25]]);
  assert.equal(createForm(FORM.fields, FILE, "b.csv").get("file").name, "b.csv");
});

test("uploads again after a broken connection and a busy storage, but not after a refusal", async () => {
  const sent = send();
  requests[0].onerror();
  await settle();
  mock.timers.tick(1000);
  await settle();
  requests[1].answer(503, "<Error><Message>Slow down</Message></Error>");
  await settle();
  mock.timers.tick(2000);
  await settle();
  requests[2].answer(403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
  const { error } = await sent;
  assert.deepEqual([error.code, error.title, error.detail], ["upload-refused", "Upload refused", "Access Denied"]);
  assert.equal(requests.length, 3);
});

test("starts over when nothing moves for a minute", async () => {
  const sent = send();
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
  assert.equal((await sent).ok, true);
});

test("stops when it is told to, also while it waits to try again", async () => {
  for (const broken of [false, true]) {
    const abort = new AbortController();
    const sent = send({ signal: abort.signal });
    if (broken) requests.at(-1).onerror();
    await settle();
    abort.abort();
    assert.equal((await sent).error.code, "aborted");
  }
  assert.equal(requests[0].aborted, true);
  assert.equal(requests.length, 2);
});

test("uploads where there is no XMLHttpRequest, without telling how far it is", async (context) => {
  delete globalThis.XMLHttpRequest;
  const api = new FakeApi().listen(context);
  api.replies = [new Response(null, { status: 204 }), new Response("<Message>No</Message>", { status: 403 })];
  assert.deepEqual(await send(), { ok: true, value: null });
  assert.equal((await send()).error.detail, "No");
  assert.deepEqual([api.asked[0].url, api.asked[0].body.get("policy"), api.asked[0].headers], [FORM.url, "any", undefined]);
});

test("gives up in the end, with the failure it met", async (context) => {
  context.mock.method(Math, "random", () => 1);
  let tries = 0;
  const ended = persist(async () => (tries++, passing));
  for (const wait of [1000, 2000, 4000]) {
    const before = tries;
    await settle();
    mock.timers.tick(wait - 1);
    await settle();
    assert.equal(tries, before);
    mock.timers.tick(1);
    await settle();
  }
  assert.deepEqual([await ended, tries], [passing, 4]);
});

test("waits as long as it is told, but gives an hour's wait back to its caller", async () => {
  const answers = [7, 3600].map((retryAfterS) => ({ ok: false, error: { isTemporary: true, retryAfterS } }));
  const last = answers[1];
  const ended = persist(async () => answers.shift());
  await settle();
  mock.timers.tick(6999);
  await settle();
  assert.equal(answers.length, 1);
  mock.timers.tick(1);
  assert.equal(await ended, last);
});

test("puts a storage's refusal in words", () => {
  assert.equal(readAnswer(403, "<Error><Message>Invalid according to Policy: Policy expired.</Message></Error>").error.code, "upload-expired");
  assert.match(readAnswer(418, "").error.detail, /418/);
});
