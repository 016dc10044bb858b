// The form of a model that takes a table's row: a field for each feature, and examples that fill it.

import { make } from "./dom.js";
import { createField, layOut } from "./fields.js";
import { describeNumbers, formatValue, hasCategories, listExamples, toInstance } from "./numbers.js";

export class NumberForm {
  #form;
  #submit;
  #alert;
  #features = [];
  #fields = [];

  /** submit() is called when Enter, the button or an example asks for a prediction and every field holds what can be sent; alert(text) tells screen readers at once. */
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

  /** Whether every field holds what can be; the first that does not gets the focus. */
  check() {
    const wrong = this.#fields.map((field) => field.judge({ strict: true })).indexOf(false);
    if (wrong < 0) return true;
    const { control, note } = this.#fields[wrong];
    if (document.activeElement === control) this.#alert(note.textContent); // a focus that stays is not read out again
    control.focus();
    return false;
  }

  /** What the fields hold, in words, and whether the model knows such numbers. */
  describe() {
    return { words: describeNumbers(this.#values, this.#features), outside: this.#fields.some(({ isOutside }) => isOutside) };
  }

  /** Fill the fields with an instance. */
  setInstance(instance) {
    for (const [i, field] of this.#fields.entries()) {
      field.set(Array.isArray(instance) ? instance[i] : instance[this.#features[i].name]);
      field.judge();
    }
  }

  /** What stands in the fields, as it is written; setInstance takes it. */
  get texts() {
    return this.#fields.map(({ control }) => control.value);
  }

  /** A request's body: one instance. */
  toBlob() {
    return new Blob([JSON.stringify({ instances: [this.instance] })], { type: "application/json" });
  }

  /** What the fields hold, as the API takes it. */
  get instance() {
    return toInstance(this.#values, this.#features);
  }

  get #values() {
    return this.#fields.map(({ value }) => value);
  }

  /** Lay out a field for each feature; what was typed stays if they are the same. */
  setFeatures(features) {
    if (JSON.stringify(features) === JSON.stringify(this.#features)) return;
    this.#features = features;
    this.#fields = features.map((feature, i) => createField(feature, `feature-${i}`));
    const rows = this.#fields.map((field, i) => layOut(field, features[i]));
    const button = make("button", { type: "submit", className: "primary", textContent: "Predict" });
    const parts = hasCategories(features) ? [...this.#makeExamples(), ...rows, button] : [...rows, button, ...this.#makeExamples()]; // a long form has them in sight
    this.#form.replaceChildren(...parts);
    for (const field of this.#fields) field.judge();
    this.#form.hidden = false;
  }

  #makeExamples() {
    const isLong = hasCategories(this.#features);
    const buttons = listExamples(this.#features).map((values, place) => {
      const textContent = isLong ? `Example ${place + 1}` : values.map((value, i) => `${formatValue(value)} ${this.#features[i].unit}`).join(", ");
      const button = make("button", { type: "button", className: "quiet", textContent });
      button.addEventListener("click", () => {
        this.setInstance(values);
        if (this.check()) this.#submit();
      });
      return button;
    });
    if (!buttons.length) return [];
    const group = make("p", { className: "examples" }, make("span", { id: "number-examples", textContent: isLong ? "Try" : "Or try" }), ...buttons);
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", "number-examples");
    return [group];
  }
}
