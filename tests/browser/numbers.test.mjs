import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLeast, describeLabel, describeNumbers, describeR2, describeRange, describeValue, isInRange, listExamples, readNumber, toInstance, toNoun } from "../../web/numbers.js";

const YEARS = { name: "experience", unit: "years", least: 0, range: [1.1, 10.5] };

test("reads numbers with a point or a comma, and with their thousands apart", () => {
  for (const [text, value] of [
    ["3.1", 3.1], ["3,1", 3.1], [" 3 ", 3], ["-0,5", -0.5], ["−2", -2], [".5", 0.5], ["0,500", 0.5], ["1500,5", 1500.5],
    ["1,234.5", 1234.5], ["1.234,5", 1234.5], ["1 234", 1234], ["12,345,678", 12_345_678], ["1e3", 1000], ["1,5000", 1.5],
  ]) assert.deepEqual(readNumber(text), { value }, text);
});

test("refuses what may be two numbers, and what is none", () => {
  assert.match(readNumber("1,500").problem, /may be two numbers: write 1500 or 1\.500\./);
  for (const text of ["", "three", "1,2,3", "1.2.3", "--1", "-", ",", "1e", "NaN", "Infinity", "3 years", "0x10"]) assert.ok(readNumber(text).problem, text);
});

test("knows what a feature can be, and what a model was trained on", () => {
  assert.equal(checkLeast(-3, YEARS), "Experience cannot be below 0 years.");
  assert.equal(checkLeast(0, YEARS), "");
  assert.equal(checkLeast(-3, { name: "change", unit: "%" }), "");
  assert.equal(describeRange(YEARS), "1.1 to 10.5 years");
  assert.equal(describeRange({ name: "any", unit: "years" }), "");
  assert.deepEqual([1, 1.1, 10.5, 11].map((value) => isInRange(value, YEARS)), [false, true, true, false]);
});

test("has examples only of what a model knows", () => {
  assert.deepEqual(listExamples([YEARS]), [[3.5], [5.8], [8.2]]);
  assert.deepEqual(listExamples([YEARS, { name: "any", unit: "years" }]), []);
  assert.deepEqual(listExamples([]), []);
});

test("says an answer as a sentence", () => {
  const target = { target: "salary", unit: "US$ a year" };
  assert.equal(describeValue(53521.5, target, { words: "3.1 years of experience", outside: false }), "For 3.1 years of experience the model expects a salary of 53,521.5 US$ a year.");
  assert.match(describeValue(1e6, target, { words: "90 years of experience", outside: true }), /this is a guess\.$/);
  assert.match(describeValue(null, target, { words: "1e39 years of experience", outside: true }), /too large/);
  assert.equal(describeR2(0.92214, "salary"), "explains 92.2 % of how the salary differs (R² 0.922)");
  assert.equal(describeR2(0.96253, "salary"), "explains 96.3 % of how the salary differs (R² 0.963)"); // one figure in two forms
  assert.equal(describeR2(0.99999), "explains 99.9 % of how the value differs (R² 0.999)"); // only what is perfect reads so
  assert.equal(describeR2(1), "explains 100 % of how the value differs (R² 1)");
  assert.equal(describeR2(-0.5, "price"), "is no better than always answering the mean price (R² -0.500)");
  assert.equal(describeR2(null, "price"), "cannot be compared with the mean price: all of the test rows have the same one");
});

const ROW = [{ name: "Type", values: ["Person", "", "Vehicle"] }, { name: "Latitude", unit: "degrees", range: [51.3, 51.4] }];

test("has a row of numbers and categories by their names, and examples that are in the ranges", () => {
  assert.deepEqual(toInstance([null, 51.3], ROW), { Type: null, Latitude: 51.3 });
  assert.deepEqual(toInstance([3], [YEARS]), [3]);
  assert.deepEqual(listExamples(ROW), [["Person", 51.3], ["Vehicle", 51.3], ["Person", 51.4]]);
  assert.equal(describeNumbers(["Person", 51.3], ROW), "Person");
  assert.deepEqual(["Outcome", "GDP", "outcome"].map(toNoun), ["outcome", "GDP", "outcome"]);
});

test("says a class with its probability, and what it was answered without", () => {
  const said = describeLabel({ label: "Arrest", probability: 0.709, unknown_categories: ["Type", "Gender"] }, { target: "Outcome" }, { outside: false });
  assert.equal(said, "For these values the model expects the outcome “Arrest”, with a probability of 70.9 %. Nothing that it knows was given for Type and Gender: it answers as if nothing were known of them.");
});
