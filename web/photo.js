// The answer to a photo: its digits large and in reading order, the picture with their boxes, and how sure the model is of each.

import { paintBoxes } from "./boxes.js";
import { barTable, make } from "./dom.js";
import { NO_DIGIT, confidence, count, isDoubted, percent, sentence } from "./words.js";

const MARKS = { point: ".", minus: "−", slash: "/", gap: " ", colon: ":", equals: "=", mark: "…" }; // beside digits of a line, by what they are called

export class Photo {
  #canvas = make("canvas", { className: "photo-canvas" });
  #figure = make("figure", { className: "photo-figure", hidden: true }, this.#canvas);
  #reading = make("div", { className: "reading", hidden: true });
  #picture = null;
  #name;
  #onChoose;
  #listLabels;
  #seen = { predictions: [], chosen: -1 };
  element = make("div", { className: "photo", hidden: true }, this.#figure, this.#reading);

  /** `onChoose(index)` hears which digit is looked at; `listLabels()` gives the model's labels, in the order of the probabilities. */
  constructor(name, onChoose = () => {}, listLabels = () => []) {
    this.#name = name;
    this.#listLabels = listLabels;
    this.#onChoose = onChoose;
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", name);
    new ResizeObserver(() => this.#figure.hidden || this.#paint()).observe(this.#figure);
    matchMedia("screen and (prefers-color-scheme: dark)").addEventListener("change", () => this.#figure.hidden || this.#paint());
  }

  /** Show the picture as soon as it is decoded, before there is an answer. */
  setPicture(picture) {
    this.#picture = picture;
    if (!picture) return;
    this.element.hidden = this.#figure.hidden = false;
    this.#lay(picture);
    this.#paint();
  }

  /** Show what was read on it. */
  answer({ predictions, image, succeeded, unread = [], unread_count: unreadCount = 0 }) {
    const boxed = image && predictions.some(({ box }) => box);
    this.#seen = { predictions, image, unread, chosen: -1 };
    this.element.hidden = false;
    this.element.classList.toggle("whole", this.#isWhole);
    this.#figure.hidden = !this.#picture && !boxed;
    if (image) this.#lay(image);
    this.#reading.hidden = false;
    const lines = splitLines(predictions);
    const group = make("div", { className: "digits" }, ...lines.map((line, i) => this.#line(line, lines.length > 1 ? `Line ${i + 1}` : this.#isWhole ? "The answer" : "Digits in reading order")));
    group.dataset.many = this.#crowd(lines);
    if (predictions.length > 1) this.#wireKeys(group);
    const more = succeeded > predictions.length ? make("p", { className: "soft", textContent: `The first ${predictions.length} of ${count(succeeded)}; all are in the results.` }) : null;
    const detail = make("div", { className: "digit-detail" });
    const marks = unreadCount ? make("p", { className: "soft unread", textContent: `${count(unreadCount, "mark")} could not be read as a digit${unread.length ? ", in dashes on the picture" : ""}.` }) : null;
    this.#reading.replaceChildren(group, ...[more, marks].filter(Boolean), detail);
    if (predictions.length) this.#choose(0);
  }

  /** Whether the picture was answered as a whole: nothing was looked for in it, so there is no box. */
  get #isWhole() {
    return this.#seen.predictions.length === 1 && !this.#seen.predictions[0].box;
  }

  /** What each probability is of: the model's label, or its place where the answer is another model's. */
  #nameAll({ label, probabilities }) {
    const labels = this.#listLabels();
    const at = probabilities.indexOf(Math.max(...probabilities));
    return labels.length === probabilities.length && labels[at] === label ? labels : probabilities.map((_, i) => i === at ? label : i);
  }

  /** How small the digits are: a short line stays one. Below a wide picture there is room. */
  #crowd(lines) {
    const longest = this.element.classList.contains("strip") ? 0 : Math.max(0, ...lines.map(({ length }) => length));
    const all = lines.flat().length;
    if (all > 24 || longest > 6) return "very";
    return all > 8 || longest > 4 ? "yes" : "";
  }

  #line(line, label) {
    const parts = line.flatMap(({ prediction, i }) => [...mark(prediction.before), this.#digit(prediction, i), ...mark(prediction.after)]);
    const element = make("div", { className: "read-line" }, ...parts);
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", label);
    return element;
  }

  #digit(prediction, i) {
    const { label, probability, verdict } = prediction;
    const isUnsure = isDoubted(prediction);
    const button = make("button", { type: "button", className: "read", textContent: label });
    const sure = verdict === NO_DIGIT ? "probably not a digit" : `${isUnsure ? "unsure, " : ""}${percent(probability)}`;
    button.setAttribute("aria-label", `${this.#isWhole ? "" : `Digit ${i + 1}: `}${label}, ${sure}`);
    button.classList.toggle("unsure", isUnsure);
    button.addEventListener("click", () => this.#choose(i));
    return button;
  }

  /** One stop of the Tab key, however many digits there are: arrows go from one to the next. */
  #wireKeys(group) {
    const buttons = [...group.querySelectorAll(".read")];
    group.setAttribute("role", "toolbar");
    group.setAttribute("aria-label", "Digits");
    group.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(event.target);
      if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return; // the browser's own
      const to = buttons.at({ ArrowRight: (at + 1) % buttons.length, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key] ?? at);
      if (to === event.target) return;
      event.preventDefault();
      to.click();
      to.focus();
    });
  }

  #choose(i) {
    this.#seen.chosen = this.#seen.predictions.length > 1 ? i : -1;
    [...this.#reading.querySelectorAll(".read")].forEach((button, j) => {
      button.setAttribute("aria-pressed", String(i === j));
      button.tabIndex = i === j ? 0 : -1;
    });
    const prediction = this.#seen.predictions[i];
    const { probabilities = [] } = prediction;
    const words = make("p", { className: "digit-words" }, sentence(prediction), make("span", { className: "confidence", textContent: confidence(prediction) }));
    const names = this.#nameAll({ label: prediction.label, probabilities });
    const bars = barTable(`Probability of each label${this.#isWhole ? "" : ` for digit ${i + 1}`}`, ["Label", "Probability"], probabilities.map((p, j) => [names[j], p, percent(p)]), probabilities.indexOf(Math.max(...probabilities)));
    this.#reading.querySelector(".digit-detail").replaceChildren(words, bars);
    this.#paint();
    this.#onChoose(i);
  }

  /** A wide picture stands above what was read, another one beside it. */
  #lay({ width, height }) {
    this.element.classList.toggle("strip", width / height > 1.9);
  }

  #paint() {
    const { predictions } = this.#seen;
    const digits = predictions.map(({ label }) => label).join(", ");
    const found = this.#isWhole ? "" : ` with ${count(predictions.length, "digit")} in boxes`;
    this.#canvas.setAttribute("aria-label", predictions.length ? `${this.#name}${found}: ${digits}` : this.#name);
    if (this.#picture || this.#seen.image) paintBoxes(this.#canvas, this.#picture, this.#seen);
  }
}

/** What stands beside a digit, if anything. */
function mark(kind) {
  if (!MARKS[kind]) return [];
  const element = make("span", { className: "mark", textContent: MARKS[kind] });
  element.setAttribute("role", "img"); // or it is skipped, or read by a name that means something else
  element.setAttribute("aria-label", kind);
  return [element];
}

/** The predictions of each line, with their places among all. */
function splitLines(predictions) {
  const lines = [];
  predictions.forEach((prediction, i) => {
    const { line = 1 } = prediction;
    if (!i || line !== (predictions[i - 1].line ?? 1)) lines.push([]);
    lines.at(-1).push({ prediction, i });
  });
  return lines;
}
