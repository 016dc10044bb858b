// Right or wrong: one row below an answer, of a page below the digit that is looked at. What people say is shown to them, can be taken back for a while, and is then told to the API.

import { make } from "./dom.js";
import { NO_DIGIT, withArticle } from "./words.js";

const MOST_LABELS = 20; // more would be no row
const UNDO_MS = 8000;

export class Feedback {
  #root;
  #give;
  #say;
  #asked = null; // {id, index, key, of, found, isDoubted, labels}: the prediction that is shown, and of how many
  #pending = null; // {asked, label, said, timer}: said, and not yet told to the API
  #said = new Map(); // what was said and told, by id and index

  /** give(id, labels) tells the API, or throws a Problem; `labels` is one label, or of several predictions one each. say(text) tells screen readers. */
  constructor(root, give, say) {
    this.#root = root;
    this.#give = give;
    this.#say = say;
    addEventListener("pagehide", () => this.#send());
  }

  /** Ask about an answer, of several digits about the one at `index`; without an answer, or for one without an id, leave the row empty. */
  show(answer, labels, index = 0) {
    this.#send(); // who goes on takes nothing back
    const id = (labels.length <= MOST_LABELS && answer?.id) || null;
    const { label, verdict } = answer?.predictions[index] ?? {};
    this.#asked = id && { id, index, key: `${id} ${index}`, of: answer.predictions.length, found: label, isDoubted: verdict === NO_DIGIT, labels };
    this.#root.classList.toggle("asking", id !== null);
    if (id === null) return;
    if (this.#said.has(this.#asked.key)) this.#root.replaceChildren(words(this.#said.get(this.#asked.key)));
    else this.#ask();
  }

  #ask() {
    const { found, index, of, isDoubted } = this.#asked;
    const which = of > 1 ? `Digit ${index + 1}${isDoubted ? "" : ` is ${withArticle(found)}`}: is it` : "Is it";
    // Of what is probably no digit “Is it right?” could be answered both ways, and only a digit can be told.
    const [rest, no] = isDoubted ? [`${withArticle(found)} after all?`, "Another digit"] : ["right?", "No"];
    this.#root.replaceChildren(words(`${which} ${rest}`), this.#button("Yes", () => this.#keep(found)), this.#button(no, () => this.#askWhich()));
  }

  #askWhich() {
    const others = this.#asked.labels.filter((label) => label !== this.#asked.found);
    this.#root.replaceChildren(words("It was"), ...others.map((label) => this.#button(String(label), () => this.#keep(label), `It was ${label}`)));
    this.#root.querySelector("button").focus();
  }

  /** Show what was said, and wait for second thoughts. */
  #keep(label) {
    const asked = this.#asked;
    const said = `You said ${label === asked.found ? `yes, it is ${withArticle(label)}` : `it was ${withArticle(label)}`}.`;
    this.#pending = { asked, label, said, timer: setTimeout(() => this.#send(), UNDO_MS) };
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
    const { asked, label, said, timer } = this.#pending;
    const { id, index, key, of } = asked;
    clearTimeout(timer);
    this.#pending = null;
    this.#said.set(key, said);
    let outcome = [`Thank you. ${said}`];
    try {
      await this.#give(id, of > 1 ? Array.from({ length: of }, (_, i) => (i === index ? label : null)) : label);
    } catch (problem) {
      this.#said.delete(key);
      if (problem.code === "conflict") outcome = ["Another label was given before, and stays."];
      else if (problem.code === "too-many-requests") outcome = ["Not sent: that is enough for this hour. Try again later."];
      else outcome = [`Not sent. ${said}`, this.#button("Try again", () => this.#keep(label))];
    }
    if (asked === this.#asked && this.#pending === null) this.#tell(...outcome); // else a newer answer is shown
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
