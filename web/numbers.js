// The form of a model that takes numbers: a field for each feature with its unit, and the value that comes back.

import { make } from "./dom.js";

const VALUES = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const SMALL = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

/** 71070.87 → "71,070.87", 0.00123 → "0.00123". */
export function formatValue(value) {
  if (!Number.isFinite(value)) return "no number";
  return Math.abs(value) >= 1 || value === 0 ? VALUES.format(value) : SMALL.format(value);
}

/** "experience" → "Experience". */
export const capitalize = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** "3.1 years", or "3.1 years, 40 hours" of several. */
export const describeNumbers = (numbers, features) => numbers.map((number, i) => `${formatValue(number)} ${features[i].unit}`).join(", ");

export class Numbers {
  #form;
  #features = [];
  #inputs = [];

  /** submit() is called when Enter or the button asks for a prediction and every field holds a number. */
  constructor(form, submit) {
    this.#form = form;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
  }

  /** Whether the model takes numbers, as far as is known. */
  get active() {
    return this.#features.length > 0;
  }

  get features() {
    return this.#features;
  }

  /** Whether every field holds a number; the first that does not is pointed at. */
  check() {
    return this.#form.reportValidity();
  }

  /** What the fields hold. */
  get values() {
    return this.#inputs.map((input) => input.valueAsNumber);
  }

  /** Fill the fields. */
  setValues(values) {
    this.#inputs.forEach((input, i) => (input.valueAsNumber = values[i]));
  }

  /** A request's body: one instance. */
  toBlob() {
    return new Blob([JSON.stringify({ instances: [this.values] })], { type: "application/json" });
  }

  /** Lay out a field for each feature; what was typed stays if they are the same. */
  setFeatures(features) {
    if (JSON.stringify(features) === JSON.stringify(this.#features)) return;
    this.#features = features;
    this.#inputs = features.map((_, i) => Object.assign(document.createElement("input"), { type: "number", step: "any", required: true, id: `feature-${i}`, autocomplete: "off" }));
    const rows = features.map(({ name, unit }, i) => {
      const label = make("label", { htmlFor: `feature-${i}` }, capitalize(name), " ", make("span", { className: "unit", textContent: unit }));
      return make("p", { className: "feature" }, label, this.#inputs[i]);
    });
    this.#form.replaceChildren(...rows, make("button", { type: "submit", className: "primary", textContent: "Predict" }));
    this.#form.hidden = false;
  }
}
