import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Predictor } from "../../web/predictor.js";
import { Problem } from "../../web/problem.js";

let asked;
let shown;
let predictor;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const last = () => shown.at(-1);

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  asked = [];
  shown = [];
  predictor = new Predictor(
    (signal) => new Promise((resolve, reject) => asked.push({ signal, resolve, reject })),
    (state) => shown.push(state),
  );
});

test("asks once, a moment after the last of several changes", async () => {
  predictor.soon();
  mock.timers.tick(299);
  predictor.soon();
  mock.timers.tick(299);
  assert.equal(asked.length, 0);
  mock.timers.tick(1);
  assert.equal(asked.length, 1);
});

test("lets the newest question win, whatever comes back first", async () => {
  predictor.now();
  predictor.now();
  assert.ok(asked[0].signal.aborted);
  asked[1].resolve({ answer: "new" });
  await settle();
  asked[0].resolve({ answer: "old" });
  await settle();
  assert.equal(last().answer, "new");
});

test("does not tell of the fate of a question nobody waits for", async () => {
  predictor.now();
  predictor.now();
  asked[0].reject(new DOMException("aborted", "AbortError"));
  await settle();
  assert.equal(last().kind, "busy");
});

test("counts down and asks again by itself when told how long to wait", async () => {
  predictor.now();
  asked[0].reject(new Problem("Endpoint starting", "…", "", { retryAfterS: 2 }));
  await settle();
  assert.equal(last().retryInS, 2);
  mock.timers.tick(1000);
  assert.equal(last().retryInS, 1);
  assert.equal(asked.length, 1);
  mock.timers.tick(1000);
  assert.equal(asked.length, 2);
  asked[1].resolve({ answer: "at last" });
  await settle();
  assert.equal(last().answer, "at last");
});

test("stops counting down when something newer is drawn", async () => {
  predictor.now();
  asked[0].reject(new Problem("Endpoint starting", "…", "", { retryAfterS: 2 }));
  await settle();
  predictor.reset();
  mock.timers.tick(10_000);
  assert.equal(asked.length, 1);
  assert.equal(last().kind, "empty");
});

test("says that the endpoint starts, and asks nothing else meanwhile", async () => {
  predictor.now();
  mock.timers.tick(2999);
  assert.equal(last().kind, "busy");
  mock.timers.tick(1);
  assert.equal(last().kind, "starting");
  predictor.soon();
  mock.timers.tick(300);
  predictor.now();
  assert.equal(asked.length, 1); // each question would start another container
  assert.ok(!asked[0].signal.aborted);
  asked[0].resolve({ answer: "old" });
  await settle();
  assert.equal(asked.length, 2);
  assert.equal(last().kind, "busy");
  asked[1].resolve({ answer: "new" });
  await settle();
  assert.equal(last().answer, "new");
});

test("asks the newer question when the endpoint did not start in time", async () => {
  predictor.now();
  mock.timers.tick(3000);
  predictor.now();
  asked[0].reject(new Problem("Endpoint starting", "…", "", { retryAfterS: 5 }));
  await settle();
  assert.equal(asked.length, 2);
  assert.equal(last().kind, "busy");
});

test("does not say so of an answer that comes at once, nor of one that nobody waits for", async () => {
  predictor.now();
  asked[0].resolve({ answer: "quick" });
  await settle();
  predictor.now();
  predictor.reset();
  mock.timers.tick(5000);
  assert.ok(shown.every(({ kind }) => kind !== "starting"));
  predictor.now();
  assert.equal(asked.length, 3);
});

test("does not ask again what cannot be answered", async () => {
  predictor.now();
  asked[0].reject(new Problem("Blank image", "…"));
  await settle();
  mock.timers.tick(100_000);
  assert.equal(asked.length, 1);
  assert.equal(last().retryInS, null);
});

test("gives up asking by itself in the end", async () => {
  predictor.now();
  for (let i = 0; last().retryInS !== null; i++) {
    assert.ok(i < 100);
    asked.at(-1).reject(new Problem("Endpoint starting", "…", "", { retryAfterS: 1 }));
    await settle();
    mock.timers.tick(1000);
  }
  assert.equal(last().kind, "problem");
});

test("puts an unforeseen error in words", async () => {
  predictor.now();
  asked[0].reject(new TypeError("something odd"));
  await settle();
  assert.equal(last().problem.detail, "something odd");
});

test("guesses while somebody draws, one at a time and not often, where the stage lets it", async () => {
  predictor.guess();
  assert.equal(asked.length, 0); // no stage said that it may
  predictor.live = true;
  for (let i = 0; i < 50; i++) predictor.guess();
  assert.equal(asked.length, 1);
  asked[0].resolve({ answer: "so far", latencyMs: 40 });
  await settle();
  assert.deepEqual(last(), { kind: "guess", answer: "so far", latencyMs: 40 });
  predictor.guess();
  assert.equal(asked.length, 1);
  mock.timers.tick(350);
  predictor.guess();
  assert.equal(asked.length, 2);
});

test("waits for a guess before it asks, and does not show it then", async () => {
  predictor.live = true;
  predictor.guess();
  predictor.now();
  assert.equal(asked.length, 1);
  asked[0].resolve({ answer: "half of it", latencyMs: 40 });
  await settle();
  assert.equal(asked.length, 2);
  assert.equal(last().kind, "busy");
  asked[1].resolve({ answer: "all of it", latencyMs: 40 });
  await settle();
  assert.equal(last().answer, "all of it");
});

test("guesses no more where answers are slow, until one is quick", async () => {
  predictor.live = true;
  predictor.guess();
  mock.timers.tick(900); // it hangs
  asked[0].resolve({ answer: "late", latencyMs: 2000 });
  await settle();
  predictor.guess();
  assert.equal(asked.length, 1);
  predictor.now();
  asked[1].resolve({ answer: "quick", latencyMs: 50 });
  await settle();
  predictor.guess();
  assert.equal(asked.length, 3);
});

test("says nothing of a guess that failed, and guesses no more on a stage that throttles", async () => {
  predictor.live = true;
  predictor.guess();
  asked[0].reject(new Problem("Too many requests", "…", "", { status: 429, retryAfterS: 5 }));
  await settle();
  assert.deepEqual(shown, []);
  assert.equal(predictor.live, false);
});

test("forgets a guess of what was cleared", async () => {
  predictor.live = true;
  predictor.guess();
  predictor.reset();
  asked[0].resolve({ answer: "gone", latencyMs: 40 });
  await settle();
  assert.equal(last().kind, "empty");
});
