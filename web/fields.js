// One field of the form of a table: a number with its unit, or a menu of the values that a category is known to have.

import { make } from "./dom.js";
import { capitalize, checkLeast, describeRange, isCategory, isInRange, readNumber } from "./numbers.js";

/** The field of a feature: {control, note, value, isOutside, set(value), judge(strict)}; judge says below the field what is to be said, and whether it can be sent. */
export function createField(feature, id) {
  const field = isCategory(feature) ? new Menu(feature) : new NumberField(feature);
  field.control.id = id;
  field.note.id = `${id}-note`;
  field.control.setAttribute("aria-describedby", field.note.id);
  field.control.addEventListener("input", () => field.judge());
  return field;
}

/** A field with its label. */
export function layOut({ control, note }, { name, unit }) {
  const label = make("label", { htmlFor: control.id }, capitalize(name), ...(unit ? [" ", make("span", { className: "unit", textContent: unit })] : []));
  return make("p", { className: "feature" }, label, control, note);
}

const makeNote = () => make("span", { className: "note" });

class NumberField {
  control = make("input", { type: "text", inputMode: "decimal", autocomplete: "off", required: true });
  note = makeNote();
  #feature;

  constructor(feature) {
    this.#feature = feature;
  }

  /** Undefined where it holds no number. */
  get value() {
    return readNumber(this.control.value).value;
  }

  get isOutside() {
    return !isInRange(this.value, this.#feature);
  }

  set(value) {
    this.control.value = String(value);
  }

  /** Say what the model was trained on, that the number lies outside, or with `strict` what is wrong; false if it is. */
  judge({ strict = false } = {}) {
    const { value, problem } = readNumber(this.control.value);
    const wrong = problem ?? checkLeast(value, this.#feature);
    const shown = wrong && (strict || value !== undefined) ? wrong : "";
    const known = describeRange(this.#feature);
    const outside = value !== undefined && this.isOutside;
    this.note.textContent = shown || (outside ? `The model was trained on ${known}: outside it the answer is a guess.` : known && `Trained on ${known}.`);
    this.note.dataset.tone = shown ? "wrong" : outside ? "warning" : "";
    this.control.setAttribute("aria-invalid", String(Boolean(shown)));
    return !wrong;
  }
}

/** Its first choice is an empty cell, which may be one of the known values, too. */
class Menu {
  control;
  note = makeNote();
  #known;

  constructor({ values }) {
    this.#known = values.filter(Boolean);
    this.control = make("select", {}, new Option("Not known", ""), ...this.#known.map((value) => new Option(value, value)));
  }

  /** Null where nothing is chosen. */
  get value() {
    return this.control.value || null;
  }

  isOutside = false; // what a model does not know, the answer tells

  set(value) {
    const text = String(value ?? "");
    if (![...this.control.options].some((option) => option.value === text)) this.control.add(new Option(text, text)); // asked before, of another model
    this.control.value = text;
  }

  judge() {
    const isUnknown = this.value !== null && !this.#known.includes(this.value);
    this.note.textContent = isUnknown ? "The model does not know this value: it answers as if nothing were chosen." : "";
    this.note.dataset.tone = isUnknown ? "warning" : "";
    return true;
  }
}
