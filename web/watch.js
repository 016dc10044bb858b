// Watching a job: by push while its channel is live, by asking when it is not, so that no answer is ever missed.

import { Problem } from "./problem.js";

const FIRST_MS = 1000;
const LONGEST_MS = 5000;
const GROWTH = 1.5;
const LIVE_MS = 30_000; // even while push is live: an event may be lost

const FINAL = new Set(["succeeded", "failed"]);

export class Watch {
  #id;
  #get;
  #show;
  #leave = () => {};
  #live = false;
  #due; // there is something to ask about: its file has arrived
  #over = false; // push said that it is done; the API has not yet
  #ended = false;
  #asking = false;
  #again = false;
  #waitMs = FIRST_MS;
  #timer = null;

  /**
   * Watch `{id, channel}`. `get(id)` asks the API, `events` is push or null, `show(action)` gets {type: "event" | "job" | "late" | "problem", …}.
   * With `due` false nothing is asked before `arrived()`.
   */
  constructor({ id, channel }, { get, events, show, due = true }) {
    this.#id = id;
    this.#get = get;
    this.#show = show;
    this.#due = due;
    if (events && channel) this.#leave = events.subscribe(channel, { event: (event) => this.#heard(event), live: (on) => this.#turn(on) });
    this.#plan();
  }

  get id() {
    return this.#id;
  }

  /** The file is uploaded: from now on the job may be done at any moment. */
  arrived() {
    if (this.#due) return;
    this.#due = true;
    this.#plan();
  }

  /** Ask now. */
  hurry() {
    this.#waitMs = FIRST_MS;
    if (this.#due) this.#ask();
  }

  stop() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#leave();
  }

  #turn(live) {
    this.#live = live;
    if (live && this.#due) this.hurry(); // an event from before the subscription is not sent again
    else this.#plan();
  }

  #heard(event) {
    if (this.#ended || event?.id !== this.#id) return;
    this.#due = true;
    this.#show({ type: "event", event });
    this.#over ||= FINAL.has(event.state);
    if (this.#over) this.hurry(); // the event says that it is done, the API with what result
    else this.#plan();
  }

  #plan() {
    clearTimeout(this.#timer);
    if (this.#ended || !this.#due || this.#asking) return;
    const patient = this.#live && !this.#over;
    this.#timer = setTimeout(() => this.#ask(), patient ? LIVE_MS : this.#waitMs);
    if (!patient) this.#waitMs = Math.min(LONGEST_MS, this.#waitMs * GROWTH);
  }

  async #ask() {
    if (this.#ended) return;
    this.#again = this.#asking; // what is under way may have been asked too early
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    let leastMs = 0;
    try {
      const job = await this.#get(this.#id);
      if (this.#ended) return;
      this.#show({ type: "job", job });
      if (FINAL.has(job.state)) this.stop();
    } catch (error) {
      if (this.#ended) return;
      if (error instanceof Problem && (error.askAgain || error.retryInS !== null)) {
        this.#show({ type: "late", problem: error });
        leastMs = (error.retryInS ?? 0) * 1000;
      } else {
        this.#show({ type: "problem", problem: error });
        this.stop();
      }
    } finally {
      this.#asking = false;
    }
    const again = this.#again && leastMs === 0;
    this.#again = false;
    this.#waitMs = Math.max(this.#waitMs, leastMs);
    if (again) this.hurry();
    else this.#plan();
  }
}
