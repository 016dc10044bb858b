// The answer to a photo: its digits large and in reading order, the picture with their boxes, and how sure the model is of each.

import { paintBoxes } from "./boxes.js";
import { barTable, make } from "./dom.js";
import { NO_DIGIT, confidence, count, percent, sentence } from "./words.js";

const MARKS = { point: ".", minus: "−", slash: "/", gap: " ", colon: ":", equals: "=", mark: "…" }; // beside digits of a line

export class Photo {
  #canvas = make("canvas", { className: "photo-canvas" });
  #figure = make("figure", { className: "photo-figure", hidden: true }, this.#canvas);
  #reading = make("div", { className: "reading", hidden: true });
  #picture = null;
  #name;
  #seen = { predictions: [], chosen: -1 };
  element = make("div", { className: "photo", hidden: true }, this.#figure, this.#reading);

  constructor(name) {
    this.#name = name;
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", name);
    new ResizeObserver(() => this.#figure.hidden || this.#paint()).observe(this.#figure);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#figure.hidden || this.#paint());
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
    this.#figure.hidden = !this.#picture && !boxed;
    if (image) this.#lay(image);
    this.#reading.hidden = false;
    const digits = predictions.flatMap((prediction, i) => [
      ...mark(prediction.before),
      this.#digit(prediction, i),
      ...mark(prediction.after),
      ...endLine(prediction, predictions[i + 1]),
    ]);
    const group = make("div", { className: "digits" }, ...digits);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Digits in reading order");
    group.dataset.many = this.#crowd(predictions);
    const more = succeeded > predictions.length ? make("p", { className: "soft", textContent: `The first ${predictions.length} of ${count(succeeded)}; all are in the results.` }) : null;
    const detail = make("div", { className: "digit-detail" });
    const marks = unreadCount ? make("p", { className: "soft unread", textContent: `${count(unreadCount, "mark")} could not be read as a digit${unread.length ? ", in dashes on the picture" : ""}.` }) : null;
    this.#reading.replaceChildren(group, ...[more, marks].filter(Boolean), detail);
    if (predictions.length) this.#choose(0);
  }

  /** How small the digits are: a line that would be broken looks like two. Below a wide picture there is room. */
  #crowd(predictions) {
    const lengths = new Map();
    for (const { line = 1 } of predictions) lengths.set(line, (lengths.get(line) ?? 0) + 1);
    const longest = this.element.classList.contains("strip") ? 0 : Math.max(0, ...lengths.values());
    if (predictions.length > 24 || longest > 6) return "very";
    return predictions.length > 8 || longest > 4 ? "yes" : "";
  }

  #digit(prediction, i) {
    const { label, probability, verdict } = prediction;
    const button = make("button", { type: "button", className: "read", textContent: label, title: confidence(prediction) });
    button.setAttribute("aria-label", `Digit ${i + 1}: ${label}, ${verdict === NO_DIGIT ? "probably not a digit" : percent(probability)}`);
    button.classList.toggle("unsure", verdict ? verdict !== "certain" : probability < 0.6);
    button.addEventListener("click", () => this.#choose(i));
    return button;
  }

  #choose(i) {
    this.#seen.chosen = this.#seen.predictions.length > 1 ? i : -1;
    [...this.#reading.querySelectorAll(".read")].forEach((button, j) => button.setAttribute("aria-pressed", String(i === j)));
    const prediction = this.#seen.predictions[i];
    const { probabilities = [] } = prediction;
    const words = make("p", { className: "digit-words" }, sentence(prediction), make("span", { className: "confidence", textContent: confidence(prediction) }));
    const bars = barTable(`Probability of each label for digit ${i + 1}`, ["Label", "Probability"], probabilities.map((p, j) => [j, p, percent(p)]), probabilities.indexOf(Math.max(...probabilities)));
    this.#reading.querySelector(".digit-detail").replaceChildren(words, bars);
    this.#paint();
  }

  /** A wide picture stands above what was read, another one beside it. */
  #lay({ width, height }) {
    this.element.classList.toggle("strip", width / height > 1.9);
  }

  #paint() {
    const { predictions } = this.#seen;
    const digits = predictions.map(({ label }) => label).join(", ");
    this.#canvas.setAttribute("aria-label", predictions.length ? `${this.#name} with ${count(predictions.length, "digit")} in boxes: ${digits}` : this.#name);
    if (this.#picture || this.#seen.image) paintBoxes(this.#canvas, this.#picture, this.#seen);
  }
}

/** What stands beside a digit, if anything. */
function mark(kind) {
  return MARKS[kind] ? [make("span", { className: "mark", textContent: MARKS[kind] })] : [];
}

/** The end of a line, if the next digit is on another. */
function endLine({ line = 1 }, next) {
  return next && (next.line ?? 1) !== line ? [make("span", { className: "line-end" })] : [];
}
