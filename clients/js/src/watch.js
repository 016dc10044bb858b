// Watching a job: by push while its channel is live, by asking when it is not, so that no answer is ever missed.

/** @import { Failure, Job, JobEvent, Result } from "./types.js" */
/** @import { Events } from "./events.js" */
/** @typedef {{ type: "event", event: JobEvent } | { type: "job", job: Job } | { type: "late", problem: Failure } | { type: "problem", problem: Failure }} News */

const FIRST_MS = 1000;
const LONGEST_MS = 5000;
const GROWTH = 1.5;
const LIVE_MS = 30_000; // even while push is live: an event may be lost

const FINAL = new Set(["succeeded", "failed"]);

export class Watch {
  #id;
  #client;
  #show;
  #leave = () => {};
  #live = false;
  #due; // there is something to ask about: its file has arrived
  #over = false; // push said that it is done; the API has not yet
  #ended = false;
  #asking = false;
  #again = false;
  #waitMs = FIRST_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * Watch a job. With `due` false nothing is asked before `arrive()`.
   * @param {{ id: string, channel?: string }} job
   * @param {{ job: (id: string) => Promise<Result<Job>>, events: Events | null }} client
   * @param {(news: News) => void} show  "late": it is asked again; "problem": it is not
   */
  constructor({ id, channel }, client, show, { due = true } = {}) {
    this.#id = id;
    this.#client = client;
    this.#show = show;
    this.#due = due;
    if (client.events && channel) this.#leave = client.events.subscribe(channel, { event: (event) => this.#hear(event), live: (on) => this.#turn(on) });
    this.#plan();
  }

  /** The file is uploaded: from now on the job may be done at any moment. */
  arrive() {
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

  /** @param {boolean} live */
  #turn(live) {
    this.#live = live;
    if (live && this.#due) this.hurry(); // an event from before the subscription is not sent again
    else this.#plan();
  }

  /** @param {JobEvent} event */
  #hear(event) {
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
    const result = await this.#client.job(this.#id);
    this.#asking = false;
    if (this.#ended) return;
    const leastMs = result.ok ? 0 : (result.error.retryAfterS ?? 0) * 1000;
    if (result.ok) this.#show({ type: "job", job: result.value });
    else this.#show({ type: result.error.isTemporary ? "late" : "problem", problem: result.error });
    if (result.ok ? FINAL.has(result.value.state) : !result.error.isTemporary) return this.stop();
    const again = this.#again && leastMs === 0;
    this.#again = false;
    this.#waitMs = Math.max(this.#waitMs, leastMs);
    if (again) this.hurry();
    else this.#plan();
  }
}
