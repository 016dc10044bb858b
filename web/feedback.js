// Right or wrong: one row below an answer, that tells the API what people found.

const MOST_LABELS = 20; // more would be no row

export class Feedback {
  #root;
  #give;
  #say;
  #id = null; // of the answer that is shown

  /** give(id, label) tells the API, or throws a Problem; say(text) tells screen readers. */
  constructor(root, give, say) {
    this.#root = root;
    this.#give = give;
    this.#say = say;
  }

  /** Ask about an answer; without one, or for one without an id, leave the row empty. */
  show(answer, labels) {
    this.#id = (labels.length <= MOST_LABELS && answer?.id) || null;
    this.#root.classList.toggle("asking", this.#id !== null);
    if (this.#id === null) return;
    const found = answer.predictions[0].label;
    const others = labels.filter((label) => label !== found).map((label) => this.#button(label, String(label), `It was ${label}`));
    this.#root.replaceChildren(words("Right?"), this.#button(found, "Yes"), words("It was"), ...others);
  }

  #button(label, text, name = text) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: text, ariaLabel: name });
    button.addEventListener("click", () => this.#tell(label, button));
    return button;
  }

  async #tell(label, button) {
    const id = this.#id;
    if (this.#root.ariaBusy === "true") return;
    this.#root.ariaBusy = "true";
    let said = "Thank you.";
    let kept = true;
    try {
      await this.#give(id, label);
    } catch (problem) {
      kept = problem.code === "conflict";
      said = kept ? "Another label was given before, and stays." : problem.code === "too-many-requests" ? "Enough for this hour. Try again later." : "Not sent. Try again.";
    } finally {
      this.#root.ariaBusy = "false";
    }
    if (id !== this.#id) return; // a newer answer is shown
    const note = Object.assign(words(said), { tabIndex: -1 });
    this.#root.querySelector("[tabindex]")?.remove();
    if (kept) this.#root.replaceChildren(note);
    else this.#root.append(note);
    (kept ? note : button).focus(); // the focus stays where it was
    this.#say(said);
  }
}

function words(textContent) {
  return Object.assign(document.createElement("span"), { textContent });
}
