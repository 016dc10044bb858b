// The answer to a batch: how many rows, of which label, how right they are, how many failed and why.

import { barTable, make } from "./dom.js";
import { formatValue } from "./numbers.js";
import { scoreBlock } from "./score.js";
import { NO_DIGIT, capitalizeSentence, count, duration, joinWords, withArticle } from "./words.js";

const FEW = 3; // rows that a sentence tells better than counts do

/** A batch's counts, bars, score and reasons of failure, from a job's summary. */
export function batch({ rows, failed = 0, succeeded = rows - failed, labels = {}, verdicts = {}, values = null, score = null, reasons = [], notes = [] }) {
  const few = describeFew({ rows, succeeded, labels, values });
  const parts = [few ? make("p", { className: "batch-few", textContent: few }) : make("p", { className: "batch-count" }, make("strong", { textContent: count(rows) }), ` ${rows === 1 ? "row" : "rows"}, ${describeOutcome(succeeded, failed)}`)];
  const entries = Object.entries(labels);
  if (entries.length && !few) {
    const most = Math.max(1, ...entries.map(([, number]) => number));
    parts.push(barTable("Rows of each label", ["Label", "Rows"], entries.map(([label, number]) => [label, number / most, count(number)]), entries.findIndex(([, number]) => number === most)));
  }
  if (describeDoubts(verdicts)) parts.push(make("p", { className: "soft doubts", textContent: describeDoubts(verdicts) }));
  if (values && !few) parts.push(make("dl", { className: "card-facts" }, ...[["Lowest", values.min], ["Median", values.median], ["Highest", values.max]].map(([term, value]) => make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: formatValue(value) })))));
  if (notes.length) parts.push(make("p", { className: "soft", textContent: notes.map(({ detail }) => capitalizeSentence(detail)).join(" ") }));
  if (score) parts.push(scoreBlock(score));
  if (reasons.length) parts.push(reasonTable(reasons));
  return make("div", { className: "batch" }, ...parts);
}

/** What up to three rows are, in a sentence: "The 3 rows are a 4, a 4 and a 7."; "" of more, or where none was read. */
export function describeFew({ rows, failed = 0, succeeded = rows - failed, labels = {}, values = null }) {
  if (!(rows <= FEW && succeeded > 0)) return "";
  const found = values ? [values.min, ...(succeeded > 2 ? [values.median] : []), ...(succeeded > 1 ? [values.max] : [])].map(formatValue) : Object.entries(labels).flatMap(([label, number]) => Array(number).fill(withArticle(label)));
  if (!found.length) return "";
  const answers = joinWords(found);
  if (succeeded < rows) return `${succeeded} of ${rows} rows ${succeeded === 1 ? "was" : "were"} read: ${answers}.`;
  return `The ${rows === 1 ? "one row" : `${rows} rows`} ${values ? (rows === 1 ? "gives" : "give") : rows === 1 ? "is" : "are"} ${answers}.`;
}

/** How many answers are not certain: "12 unsure, 3 not a digit". */
const describeDoubts = (verdicts) => ["unsure", NO_DIGIT].filter((verdict) => verdicts[verdict]).map((verdict) => `${count(verdicts[verdict])} ${verdict}`).join(", ");

const describeOutcome = (succeeded, failed) => (failed === 0 && succeeded ? "every one read" : succeeded ? `${count(succeeded)} read, ${count(failed)} failed` : "none could be read");

/** Why rows have no answer: how many for each reason, and the first of them. */
export function reasonTable(reasons) {
  const rows = reasons.map(({ count: failed, row, code, detail }) =>
    make("tr", {}, make("th", { scope: "row", textContent: failed === 1 ? `row ${count(row)}` : count(failed, "row") }), make("td", { textContent: `${failed === 1 ? "" : `row ${count(row)}: `}${detail || code}` })),
  );
  const head = make("thead", { className: "hidden" }, make("tr", {}, make("th", { scope: "col", textContent: "Rows" }), make("th", { scope: "col", textContent: "Reason" })));
  const hasMore = reasons.some(({ count: failed }) => failed > 1);
  return make(
    "div",
    { className: "failures" },
    make("table", {}, make("caption", { textContent: "Failed rows" }), head, make("tbody", {}, ...rows)),
    hasMore ? make("p", { className: "soft", textContent: "Each row’s own reason is in predictions.jsonl" }) : null,
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
