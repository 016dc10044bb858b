// When to request a prediction: shortly after the last stroke, one at a time, the newest first, and again while the endpoint is starting.

import { Problem } from "./problem.js";

const PAUSE_MS = 300;
const SLOW_MS = 3000; // a warm endpoint answers sooner
const MAX_RETRIES = 40;

export class Predictor {
  // `ask(signal)` returns an answer or throws a Problem; `show(state)` gets {kind: "empty" | "busy" | "starting" | "answer" | "problem", …}.
  #ask;
  #show;
  #timer = null;
  #current = null;
  #slow = false; // the endpoint may be starting: another question now would start it a second time
  #next = false; // something newer is to be asked when that has ended

  constructor(ask, show) {
    this.#ask = ask;
    this.#show = show;
  }

  /** Ask after a pause, unless something newer comes. */
  soon() {
    if (!this.#slow) this.hold();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), PAUSE_MS);
  }

  /** Ask at once. */
  now() {
    if (this.#slow) {
      clearTimeout(this.#timer);
      this.#next = true;
      return;
    }
    this.hold();
    return this.#run(0);
  }

  /** Forget what was asked or planned; what is shown stays. */
  hold() {
    clearTimeout(this.#timer);
    this.#current?.abort();
    this.#current = null;
    this.#slow = this.#next = false;
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
    const slow = setTimeout(() => {
      this.#slow = true;
      this.#show({ kind: "starting" });
    }, SLOW_MS);
    current.signal.addEventListener("abort", () => clearTimeout(slow));
    try {
      const answer = await this.#ask(current.signal);
      if (this.#current === current && !this.#asksNext(slow)) this.#show({ kind: "answer", ...answer });
    } catch (error) {
      if (this.#current !== current || this.#asksNext(slow)) return; // something newer was asked: this one's fate is nobody's concern
      const problem = error instanceof Problem ? error : new Problem("Something went wrong", String(error?.message ?? error), "Reload the page.");
      if (problem.retryAfterS === null || retries >= MAX_RETRIES) this.#show({ kind: "problem", problem, retryInS: null });
      else this.#countDown(problem, problem.retryAfterS, retries);
    }
  }

  /** End a question; ask what became newer while it was slow, and return whether there was something. */
  #asksNext(slow) {
    clearTimeout(slow);
    const next = this.#next;
    this.#slow = this.#next = false;
    if (next) this.#run(0);
    return next;
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
