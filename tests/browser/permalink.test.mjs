import assert from "node:assert/strict";
import { test } from "node:test";
import { readJob, writeLink } from "../../web/permalink.js";

const ID = "01jd8x3k4m5n6p7q8r9s0t1v2w";

test("names a job in an address, and reads it back", () => {
  const link = writeLink(ID, "https://page.example.com/?a=b#uploads");
  assert.equal(link, `https://page.example.com/?a=b#job=${ID}`);
  assert.equal(readJob(new URL(link).hash), ID);
});

test("reads nothing else as a job", () => {
  for (const hash of ["", "#uploads", "#job=", "#job=../x", `#job=${ID}x`, `#job=${ID.toUpperCase()}`]) assert.equal(readJob(hash), null);
});
