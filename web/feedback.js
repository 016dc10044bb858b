// Right or wrong: one row below an answer. What people say is shown to them, can be taken back for a while, and is then told to the API.

import { make } from "./dom.js";
import { withArticle } from "./words.js";

const MOST_LABELS = 20; // more would be no row
const UNDO_MS = 8000;

export class Feedback {
  #root;
  #give;
  #say;
  #asked = null; // {id, found, labels} of the answer that is shown
  #pending = null; // {id, label, timer}: said, and not yet told to the API

  /** give(id, label) tells the API, or throws a Problem; say(text) tells screen readers. */
  constructor(root, give, say) {
    this.#root = root;
    this.#give = give;
    this.#say = say;
    addEventListener("pagehide", () => this.#send());
  }

  /** Ask about an answer; without one, or for one without an id, leave the row empty. */
  show(answer, labels) {
    this.#send(); // who goes on takes nothing back
    const id = (labels.length <= MOST_LABELS && answer?.id) || null;
    this.#asked = id && { id, found: answer.predictions[0].label, labels };
    this.#root.classList.toggle("asking", id !== null);
    if (id) this.#ask();
  }

  #ask() {
    const { found } = this.#asked;
    this.#root.replaceChildren(words("Is it right?"), this.#button("Yes", () => this.#keep(found)), this.#button("No", () => this.#askWhich()));
  }

  #askWhich() {
    const others = this.#asked.labels.filter((label) => label !== this.#asked.found);
    this.#root.replaceChildren(words("It was"), ...others.map((label) => this.#button(String(label), () => this.#keep(label), `It was ${label}`)));
    this.#root.querySelector("button").focus();
  }

  /** Show what was said, and wait for second thoughts. */
  #keep(label) {
    const { id, found } = this.#asked;
    const said = `You said ${label === found ? `yes, it is ${withArticle(label)}` : `it was ${withArticle(label)}`}.`;
    this.#pending = { id, label, said, timer: setTimeout(() => this.#send(), UNDO_MS) };
    this.#tell(said, this.#button("Undo", () => this.#undo(), "Undo what I said"));
  }

  #undo() {
    clearTimeout(this.#pending.timer);
    this.#pending = null;
    this.#ask();
    this.#root.querySelector("button").focus();
    this.#say("Taken back.");
  }

  async #send() {
    if (this.#pending === null) return;
    const { id, label, said, timer } = this.#pending;
    clearTimeout(timer);
    this.#pending = null;
    let outcome = [`Thank you. ${said}`];
    try {
      await this.#give(id, label);
    } catch (problem) {
      if (problem.code === "conflict") outcome = ["Another label was given before, and stays."];
      else if (problem.code === "too-many-requests") outcome = ["Not sent: that is enough for this hour. Try again later."];
      else outcome = [`Not sent. ${said}`, this.#button("Try again", () => this.#keep(label))];
    }
    if (id === this.#asked?.id && this.#pending === null) this.#tell(...outcome); // else a newer answer is shown
  }

  /** Show a sentence, with a button perhaps, and leave the focus in the row if it was there. */
  #tell(text, ...buttons) {
    const had = this.#root.contains(document.activeElement);
    const note = Object.assign(words(text), { tabIndex: -1 });
    this.#root.replaceChildren(note, ...buttons);
    if (had) (buttons[0] ?? note).focus();
    this.#say(text);
  }

  #button(textContent, act, ariaLabel = textContent) {
    const button = make("button", { type: "button", className: "quiet", textContent, ariaLabel });
    button.addEventListener("click", act);
    return button;
  }
}

const words = (textContent) => make("span", { textContent });
