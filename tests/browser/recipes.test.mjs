import assert from "node:assert/strict";
import { test } from "node:test";
import { readRecipe } from "../../web/permalink.js";
import { chooseRecipe, isOf, openElsewhere } from "../../web/recipes.js";
import { writeSnippet } from "../../web/snippet.js";

const digits = { recipe: "digits", title: "Digits", input: "pictures", limits: ["any"] };
const stops = { recipe: "stop_search", title: "Stops", input: "numbers", limits: ["other"] };
const one = { apiUrl: "https://api.example.com", auth: { kind: "none" }, recipe: "digits", recipes: [], input: "pictures", limits: ["any"] };
const two = { ...one, recipes: [digits, stops] };

test("asks the recipe that the address names, or the first", () => {
  const chosen = ({ recipe, input, limits, base }) => ({ recipe, input, limits, base });
  assert.deepEqual(chosen(chooseRecipe(two, "stop_search")), { recipe: "stop_search", input: "numbers", limits: ["other"], base: "/models/stop_search" });
  assert.deepEqual(chosen(chooseRecipe(two, null)), { recipe: "digits", input: "pictures", limits: ["any"], base: "/models/digits" });
  assert.deepEqual(chooseRecipe(one, "stop_search"), { ...one, base: "" });
});

test("refuses a name that the deployment does not have", () => {
  assert.throws(() => chooseRecipe(two, "salary"), (error) => error.name === "Problem" && /no “salary”/.test(error.detail));
});

test("reads the name in the address, and after signing in the one from before", () => {
  globalThis.sessionStorage = { getItem: () => "stop_search" };
  assert.equal(readRecipe("?recipe=salary"), "salary");
  assert.equal(readRecipe("?code=any&state=any"), "stop_search");
  assert.equal(readRecipe("?recipe="), null);
  assert.equal(readRecipe(""), null);
});

test("shows what belongs to the recipe, and what was kept before there were several as the first's", () => {
  const shown = (config) => [{ recipe: "digits" }, { recipe: "stop_search" }, {}].map((each) => isOf(config, each));
  assert.deepEqual(shown(chooseRecipe(two, "stop_search")), [false, true, false]);
  assert.deepEqual(shown(chooseRecipe(two, null)), [true, false, true]);
  assert.deepEqual(shown(chooseRecipe(one, null)), [true, false, true]);
});

test("opens a job on the page of its own recipe, whatever the link names", async () => {
  const follow = async (wanted, job, config = two) => {
    let address = null;
    const client = { job: async () => (job ? { ok: true, value: job } : { ok: false }) };
    const hasLeft = await openElsewhere({ client, config: chooseRecipe(config, wanted) }, "01j", (to) => (address = to));
    assert.equal(hasLeft, address !== null);
    return address;
  };
  assert.equal(await follow(null, { recipe: "stop_search" }), "?recipe=stop_search#job=01j");
  assert.equal(await follow("stop_search", { recipe: "digits" }), "?recipe=digits#job=01j");
  assert.equal(await follow("stop_search", {}), "?recipe=digits#job=01j"); // made before there were several
  assert.equal(await follow("stop_search", { recipe: "stop_search" }), null);
  assert.equal(await follow(null, { recipe: "salary" }), null); // no longer deployed
  assert.equal(await follow(null, null), null); // not theirs, or not signed in: the card says so
});

test("names the recipe in the programs of a deployment with several", () => {
  const page = "https://page.example.com/";
  for (const language of ["curl", "Python", "JavaScript"]) {
    for (const [isUpload, named] of [[false, /api\.example\.com\/models\/stop_search\/predictions/], [true, /"?recipe"?: "stop_search"/]]) {
      const options = { instance: [1.5], isUpload };
      assert.match(writeSnippet(language, chooseRecipe(two, "stop_search"), page, options), named);
      assert.doesNotMatch(writeSnippet(language, chooseRecipe(one, null), page, options), /recipe|models/);
    }
  }
});
