// The answer to a batch: how many rows, of which label, which failed and why.

import { barTable, make } from "./dom.js";
import { formatValue } from "./numbers.js";
import { count, duration } from "./words.js";

const SHOWN_FAILURES = 5;

/** A batch's counts, bars and first failures, from a job's summary. */
export function batch({ rows, succeeded, failed, labels = {}, values = null, failures = [] }) {
  const parts = [make("p", { className: "batch-count" }, make("strong", { textContent: count(rows) }), ` ${rows === 1 ? "row" : "rows"}, ${describeOutcome(succeeded, failed)}`)];
  const entries = Object.entries(labels);
  if (entries.length) {
    const most = Math.max(1, ...entries.map(([, number]) => number));
    parts.push(barTable("Rows of each label", ["Label", "Rows"], entries.map(([label, number]) => [label, number / most, count(number)]), entries.findIndex(([, number]) => number === most)));
  }
  if (values) parts.push(make("dl", { className: "card-facts" }, ...[["Lowest", values.min], ["Median", values.median], ["Highest", values.max]].map(([term, value]) => make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: formatValue(value) })))));
  if (failures.length) parts.push(failureTable(failures, failed));
  return make("div", { className: "batch" }, ...parts);
}

const describeOutcome = (succeeded, failed) => (failed === 0 ? "every one read" : `${count(succeeded)} read, ${count(failed)} failed`);

/** The first failed rows with their reasons. */
export function failureTable(failures, failed) {
  const rows = failures.slice(0, SHOWN_FAILURES).map(({ row, code, detail }) =>
    make("tr", {}, make("th", { scope: "row", textContent: count(row) }), make("td", { textContent: detail || code })),
  );
  const more = failed - rows.length;
  return make(
    "div",
    { className: "failures" },
    make("table", {}, make("caption", { textContent: "Failed rows" }), make("thead", { className: "hidden" }, make("tr", {}, make("th", { scope: "col", textContent: "Row" }), make("th", { scope: "col", textContent: "Reason" }))), make("tbody", {}, ...rows)),
    more > 0 ? make("p", { className: "soft", textContent: `and ${count(more)} more, each with its reason in predictions.jsonl` }) : null,
  );
}

/** What answered, how long it took, and of what kind the file was, as a list of facts. */
export function listFacts({ format, models = {}, processing_s: seconds }) {
  const names = Object.keys(models);
  const known = [
    ["Format", format],
    [names.length > 1 ? "Models" : "Model", names.length > 1 ? names.map((name) => `${name} (${count(models[name])})`).join(", ") : names[0]],
    ["Took", Number.isFinite(seconds) ? duration(seconds * 1000) : null],
  ].filter(([, value]) => value);
  return make("dl", { className: "card-facts" }, ...known.map(([term, value]) => make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: value, title: value }))));
}
