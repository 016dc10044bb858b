import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, sniff } from "../../web/picture.js";
import { SAMPLES } from "../../web/samples.js";
import { takeBeginning, extend, trace } from "../../web/strokes.js";
import { confidence, duration, percent, sentence } from "../../web/words.js";

const recorder = () => {
  const calls = [];
  return new Proxy({ calls }, { get: (target, name) => (name === "calls" ? calls : (...args) => calls.push([name, ...args])) });
};

test("keeps only points that moved", () => {
  const stroke = { points: [] };
  assert.equal(extend(stroke, [0.5, 0.5]), true);
  assert.equal(extend(stroke, [0.501, 0.5]), false);
  assert.equal(extend(stroke, [0.51, 0.5]), true);
  assert.equal(stroke.points.length, 2);
});

test("makes a dot of a single point and a curve of several", () => {
  const dot = recorder();
  trace(dot, [[0.5, 0.5]], 100);
  assert.deepEqual(dot.calls, [["beginPath"], ["moveTo", 50, 50], ["lineTo", 50, 50], ["stroke"]]);
  const curve = recorder();
  trace(curve, [[0, 0], [0.5, 0], [0.5, 0.5]], 100);
  assert.deepEqual(curve.calls.slice(2, -1), [["quadraticCurveTo", 50, 0, 50, 25], ["lineTo", 50, 50]]);
});

test("writes a drawing from its first point to its last", () => {
  const strokes = [{ points: [[0, 0], [1, 0]], width: 0.1 }, { points: [[0, 1], [1, 1]], width: 0.2 }];
  assert.deepEqual(takeBeginning(strokes, 0), []);
  assert.deepEqual(takeBeginning(strokes, 3), [strokes[0], { points: [[0, 1]], width: 0.2 }]);
  assert.deepEqual(takeBeginning(strokes, 99), strokes);
});

test("has ten samples that stay on the pad", () => {
  assert.equal(SAMPLES.length, 10);
  for (const [x, y] of SAMPLES.flat().flatMap(({ points }) => points)) assert.ok(x > 0.1 && x < 0.9 && y > 0.1 && y < 0.9);
});

test("knows a picture by its first bytes", () => {
  assert.equal(sniff([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), "image/png");
  assert.equal(sniff([0xff, 0xd8, 0xff, 0xe0]), "image/jpeg");
  assert.equal(sniff([0x47, 0x49, 0x46]), null);
  assert.equal(sniff([]), null);
});

test("shrinks the longer side and keeps the shape", () => {
  assert.deepEqual(fit(4000, 3000, 2048), [2048, 1536]);
  assert.deepEqual(fit(100, 50, 2048), [100, 50]);
  assert.deepEqual(fit(10_000, 1, 2048), [2048, 1]);
});

test("says that several digits were read as one, and how each is read", () => {
  const said = confidence({ label: 2, probability: 0.37, verdict: "unsure", digits_found: 2 });
  assert.equal(said, "37.0 %. 2 digits were read as one: write them further apart to have each read.");
});

test("says numbers and answers as people do", () => {
  assert.equal(percent(0.998), "99.8 %");
  assert.equal(percent(0.99999), "99.9 %");
  assert.equal(percent(1), "100 %");
  assert.equal(percent(0), "0.0 %");
  assert.equal(sentence({ label: 7, probability: 0.998 }), "This is a 7");
  assert.equal(sentence({ label: 8, probability: 0.7 }), "Probably an 8");
  assert.equal(sentence({ label: 1, probability: 0.3 }), "Perhaps a 1");
  assert.equal(duration(41.7), "42 ms");
  assert.equal(duration(1830), "1.8 s");
});

test("says how far an answer can be trusted", () => {
  assert.equal(sentence({ label: 7, probability: 0.85, verdict: "certain" }), "This is a 7");
  assert.equal(sentence({ label: 8, probability: 0.95, verdict: "unsure" }), "Probably an 8");
  assert.equal(sentence({ label: 1, probability: 0.3, verdict: "unsure" }), "Perhaps a 1");
  assert.equal(sentence({ label: 4, probability: 0.94, verdict: "not a digit" }), "Probably not a digit");
  assert.equal(confidence({ label: 8, probability: 0.94, verdict: "not a digit" }), "If it is one, an 8");
  assert.equal(confidence({ label: 8, probability: 0.94, verdict: "unsure" }), "94.0 %");
});
