// When to request a prediction: shortly after the last stroke, one at a time, the newest first, and again while the endpoint is starting.

import { Problem } from "./problem.js";

const PAUSE_MS = 300;
const SLOW_MS = 3000; // a warm endpoint answers sooner
const MAX_RETRIES = 40;
const GUESS_EVERY_MS = 350;
const QUICK_MS = 900; // where an answer takes longer, a guess comes too late to be one

export class Predictor {
  // `ask(signal)` returns an answer or throws a Problem; `show(state)` gets {kind: "empty" | "busy" | "starting" | "guess" | "answer" | "problem", …}.
  #ask;
  #show;
  #timer = null;
  #current = null;
  #slow = false; // the endpoint may be starting: another question now would start it a second time
  #next = false; // something newer is to be asked when that has ended
  #guess = null; // what is out while somebody draws: {ended, stale}
  #guessedAt = -Infinity;
  #quick = true; // the last answer came soon enough to guess again
  live = false; // whether the stage lets the page guess while somebody draws

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

  /** Guess at what is being drawn: where answers are quick, never beside another question, and without a word when it fails. */
  guess() {
    if (!this.live || !this.#quick || this.#current || this.#guess || Date.now() - this.#guessedAt < GUESS_EVERY_MS) return;
    this.#guessedAt = Date.now();
    const guess = (this.#guess = { stale: false });
    guess.ended = this.#runGuess(guess).finally(() => (this.#guess = null));
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
    this.#forget();
    this.#show({ kind: "empty" });
  }

  /** Show a problem that no question met, such as a file of the wrong type. */
  refuse(problem) {
    this.#forget();
    this.#show({ kind: "problem", problem, retryInS: null });
  }

  #forget() {
    this.hold();
    if (this.#guess) this.#guess.stale = true;
  }

  async #run(retries) {
    const current = (this.#current = new AbortController());
    if (this.#guess) this.#guess.stale = true; // its answer would be of less than what is there now
    this.#show({ kind: "busy" });
    const slow = setTimeout(() => {
      this.#slow = true;
      this.#show({ kind: "starting" });
    }, SLOW_MS);
    current.signal.addEventListener("abort", () => clearTimeout(slow));
    try {
      if (this.#guess) await this.#guess.ended; // one at a time
      if (this.#current !== current) return;
      const answer = await this.#ask(current.signal);
      if (this.#current !== current) return;
      this.#current = null;
      this.#measure(answer);
      if (!this.#asksNext(slow)) this.#show({ kind: "answer", ...answer });
    } catch (error) {
      if (this.#current !== current) return;
      this.#current = null;
      if (this.#asksNext(slow)) return; // something newer was asked: this one's fate is nobody's concern
      const problem = error instanceof Problem ? error : new Problem("Something went wrong", String(error?.message ?? error), "Reload the page.");
      if (problem.retryAfterS === null || retries >= MAX_RETRIES) this.#show({ kind: "problem", problem, retryInS: null });
      else this.#countDown(problem, problem.retryAfterS, retries);
    }
  }

  async #runGuess(guess) {
    const late = setTimeout(() => (this.#quick = false), QUICK_MS);
    try {
      const answer = await this.#ask();
      this.#measure(answer);
      if (!guess.stale) this.#show({ kind: "guess", ...answer });
    } catch (error) {
      this.#quick = false; // the question proper meets the same problem, and shows it
      if (error.status === 429) this.live = false; // a stage with so little to give has none for guesses
    } finally {
      clearTimeout(late);
    }
  }

  #measure({ latencyMs }) {
    this.#quick = !(latencyMs > QUICK_MS);
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
