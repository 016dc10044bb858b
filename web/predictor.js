// When to request a prediction: shortly after the last stroke, one at a time, the newest first, and again while the endpoint is starting.

import { Problem } from "./problem.js";

const PAUSE_MS = 300;
const MAX_RETRIES = 40;

export class Predictor {
  // `ask(signal)` returns an answer or throws a Problem; `show(state)` gets {kind: "empty" | "busy" | "answer" | "problem", …}.
  #ask;
  #show;
  #timer = null;
  #current = null;

  constructor(ask, show) {
    this.#ask = ask;
    this.#show = show;
  }

  /** Ask after a pause, unless something newer comes. */
  soon() {
    this.hold();
    this.#timer = setTimeout(() => this.now(), PAUSE_MS);
  }

  /** Ask at once. */
  now() {
    this.hold();
    return this.#run(0);
  }

  /** Forget what was asked or planned; what is shown stays. */
  hold() {
    clearTimeout(this.#timer);
    this.#current?.abort();
    this.#current = null;
  }

  /** Forget, and show nothing. */
  reset() {
    this.hold();
    this.#show({ kind: "empty" });
  }

  /** Show a problem that no question met, such as a file of the wrong type. */
  refuse(problem) {
    this.hold();
    this.#show({ kind: "problem", problem, retryInS: null });
  }

  async #run(retries) {
    const current = (this.#current = new AbortController());
    this.#show({ kind: "busy" });
    try {
      const answer = await this.#ask(current.signal);
      if (this.#current === current) this.#show({ kind: "answer", ...answer });
    } catch (error) {
      if (this.#current !== current) return; // something newer was asked: this one's fate is nobody's concern
      const problem = error instanceof Problem ? error : new Problem("Something went wrong", String(error?.message ?? error), "Reload the page.");
      if (problem.retryInS === null || retries >= MAX_RETRIES) this.#show({ kind: "problem", problem, retryInS: null });
      else this.#countDown(problem, problem.retryInS, retries);
    }
  }

  #countDown(problem, leftS, retries) {
    if (leftS <= 0) {
      this.#run(retries + 1);
      return;
    }
    this.#show({ kind: "problem", problem, retryInS: leftS });
    this.#timer = setTimeout(() => this.#countDown(problem, leftS - 1, retries), 1000);
  }
}
