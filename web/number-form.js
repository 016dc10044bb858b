// The form of a model that takes numbers: a field for each feature with its unit and what it was trained on, and examples that fill it.

import { make } from "./dom.js";
import { capitalize, checkLeast, describeNumbers, describeRange, formatValue, isInRange, listExamples, readNumber } from "./numbers.js";

export class NumberForm {
  #form;
  #submit;
  #alert;
  #features = [];
  #fields = []; // {input, note}

  /** submit() is called when Enter, the button or an example asks for a prediction and every field holds a number; alert(text) tells screen readers at once. */
  constructor(form, submit, alert) {
    this.#form = form;
    this.#submit = submit;
    this.#alert = alert;
    form.noValidate = true; // the reason stands below the field and stays there
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.check()) submit();
    });
  }

  get features() {
    return this.#features;
  }

  /** Whether every field holds a number that can be; the first that does not gets the focus. */
  check() {
    const wrong = this.#features.map((_, i) => this.#judge(i, { strict: true })).indexOf(false);
    if (wrong < 0) return true;
    const { input, note } = this.#fields[wrong];
    if (document.activeElement === input) this.#alert(note.textContent); // a focus that stays is not read out again
    input.focus();
    return false;
  }

  /** What the fields hold, in words, and whether the model knows such numbers. */
  describe() {
    return { words: describeNumbers(this.values, this.#features), outside: !this.values.every((value, i) => isInRange(value, this.#features[i])) };
  }

  /** Fill the fields. */
  setValues(values) {
    this.#fields.forEach(({ input }, i) => (input.value = String(values[i])));
  }

  /** A request's body: one instance. */
  toBlob() {
    return new Blob([JSON.stringify({ instances: [this.values] })], { type: "application/json" });
  }

  /** What the fields hold; undefined where that is no number. */
  get values() {
    return this.#fields.map(({ input }) => readNumber(input.value).value);
  }

  /** Lay out a field for each feature; what was typed stays if they are the same. */
  setFeatures(features) {
    if (JSON.stringify(features) === JSON.stringify(this.#features)) return;
    this.#features = features;
    this.#fields = features.map((_, i) => this.#makeField(i));
    const rows = features.map(({ name, unit }, i) => {
      const label = make("label", { htmlFor: `feature-${i}` }, capitalize(name), " ", make("span", { className: "unit", textContent: unit }));
      return make("p", { className: "feature" }, label, this.#fields[i].input, this.#fields[i].note);
    });
    this.#form.replaceChildren(...rows, make("button", { type: "submit", className: "primary", textContent: "Predict" }), ...this.#makeExamples());
    features.forEach((_, i) => this.#judge(i));
    this.#form.hidden = false;
  }

  #makeField(i) {
    const input = make("input", { type: "text", inputMode: "decimal", id: `feature-${i}`, autocomplete: "off", required: true });
    const note = make("span", { className: "note", id: `feature-${i}-note` });
    input.setAttribute("aria-describedby", note.id);
    input.addEventListener("input", () => this.#judge(i));
    return { input, note };
  }

  #makeExamples() {
    const buttons = listExamples(this.#features).map((values) => {
      const button = make("button", { type: "button", className: "quiet", textContent: values.map((value, i) => `${formatValue(value)} ${this.#features[i].unit}`).join(", ") });
      button.addEventListener("click", () => {
        this.setValues(values);
        if (this.check()) this.#submit();
      });
      return button;
    });
    if (!buttons.length) return [];
    const group = make("p", { className: "examples" }, make("span", { id: "number-examples", textContent: "Or try" }), ...buttons);
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", "number-examples");
    return [group];
  }

  /** Say below a field what the model was trained on, that the number lies outside, or with `strict` what is wrong; false if it is. */
  #judge(i, { strict = false } = {}) {
    const { input, note } = this.#fields[i];
    const feature = this.#features[i];
    const { value, problem } = readNumber(input.value);
    const wrong = problem ?? checkLeast(value, feature);
    const shown = wrong && (strict || value !== undefined) ? wrong : "";
    const known = describeRange(feature);
    const outside = value !== undefined && !isInRange(value, feature);
    note.textContent = shown || (outside ? `The model was trained on ${known}: outside it the answer is a guess.` : known && `Trained on ${known}.`);
    note.dataset.tone = shown ? "wrong" : outside ? "warning" : "";
    input.setAttribute("aria-invalid", String(Boolean(shown)));
    return !wrong;
  }
}
