// How a batch's answers compare with the labels that its rows came with.

import { make } from "./dom.js";
import { describeR2, formatValue } from "./numbers.js";
import { count, percent } from "./words.js";

const HEADING = "Labels of the rows, and what was answered";

/** The score in a sentence, the table of confusions under it, and the labels that the model does not know. */
export function scoreBlock({ labelled, scored, correct = 0, accuracy = null, mae = null, r2 = null, confusion = {}, unknown_labels: unknown = {} }) {
  const of = scored === labelled ? count(scored, "labelled row") : `${count(scored)} of ${count(labelled, "labelled row")}`;
  const parts = [];
  if (accuracy !== null) parts.push(line(percent(accuracy, 2), `of ${of} right${correct < scored ? `, ${count(scored - correct)} wrong` : ""}`));
  else if (mae !== null) parts.push(line(formatValue(mae), `off on average, over ${of}${r2 === null ? "" : `; the model ${describeR2(r2)}`}`));
  else parts.push(line("–", `${of} could be compared`));
  if (correct < scored && Object.keys(confusion).length) parts.push(make("p", { className: "soft", textContent: HEADING }), confusionTable(confusion));
  const names = Object.entries(unknown).map(([label, rows]) => `“${label}” (${count(rows)})`);
  if (names.length) parts.push(make("p", { className: "soft", textContent: `Labels that this model does not answer with: ${names.join(", ")}` }));
  return make("div", { className: "score" }, ...parts);
}

const line = (figure, words) => make("p", { className: "score-line" }, make("strong", { textContent: figure }), ` ${words}`);

/** A row for each label that a row came with, a column for each answer. */
function confusionTable(confusion) {
  const sorted = (names) => [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const expected = sorted(Object.keys(confusion));
  const answers = sorted(new Set(Object.values(confusion).flatMap(Object.keys)));
  const cell = (label, answer) => {
    const rows = confusion[label][answer] ?? 0;
    return make("td", { className: rows === 0 ? "none" : label === answer ? "right" : "wrong", textContent: rows ? count(rows) : "" });
  };
  const head = make("tr", {}, make("th", { scope: "col", textContent: "Label" }), ...answers.map((answer) => make("th", { scope: "col", textContent: answer })));
  const body = expected.map((label) => make("tr", {}, make("th", { scope: "row", textContent: label }), ...answers.map((answer) => cell(label, answer))));
  const table = make("table", {}, make("caption", { className: "hidden", textContent: HEADING }), make("thead", {}, head), make("tbody", {}, ...body));
  const frame = make("div", { className: "confusion", tabIndex: 0 }, table);
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Labels and answers");
  return frame;
}
