// Watching a job: by push while its channel is live, by asking when it is not, so that no answer is ever missed.

/** @import { Failure, Job, JobEvent, Result } from "./types.js" */
/** @import { Events } from "./events.js" */
/** @typedef {{ type: "event", event: JobEvent } | { type: "job", job: Job } | { type: "late", problem: Failure } | { type: "problem", problem: Failure }} News */
/** @typedef {ReturnType<typeof watchJob>} Watch */

const FIRST_MS = 1000;
const LONGEST_MS = 5000;
const GROWTH = 1.5;
const LIVE_MS = 30_000; // even while push is live: an event may be lost

/**
 * Is the work on a job over, well or badly?
 * @param {string} state
 */
export const isFinal = (state) => state === "succeeded" || state === "failed";

/**
 * Watch a job until it is done or `stop()`. Where it is not due, nothing is asked before `arrive()`.
 * @param {{ id: string, channel?: string }} job
 * @param {{ job: (id: string) => Promise<Result<Job>>, events: Events | null }} client
 * @param {(news: News) => void} show  "late": it is asked again; "problem": it is not
 */
export function watchJob({ id, channel }, client, show, isDue = true) {
  let isLive = false;
  let isOver = false; // push said that it is done; the API has not yet
  let isEnded = false;
  let isAsking = false;
  let mustAskAgain = false;
  let waitMs = FIRST_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {(() => void) | undefined} */
  let leave;
  listen(channel);
  plan();
  return { arrive, hurry, stop };

  /** The file is uploaded: from now on the job may be done at any moment. */
  function arrive() {
    isDue = true;
    plan();
  }

  /** Ask now. */
  function hurry() {
    waitMs = FIRST_MS;
    if (isDue) ask();
  }

  function stop() {
    isEnded = true;
    clearTimeout(timer);
    leave?.();
  }

  /** @param {string} [where] */
  function listen(where) {
    if (where) leave ??= client.events?.subscribe(where, { event: hear, live: turn });
  }

  /** @param {boolean} on */
  function turn(on) {
    isLive = on;
    if (on && isDue) hurry(); // an event from before the subscription is not sent again
    else plan();
  }

  /** @param {JobEvent} event */
  function hear(event) {
    if (isEnded || event?.id !== id) return;
    isDue = true;
    show({ type: "event", event });
    isOver ||= isFinal(event.state);
    if (isOver) hurry(); // the event says that it is done, the API with what result
    else plan();
  }

  function plan() {
    clearTimeout(timer);
    if (isEnded || !isDue || isAsking) return;
    const isPatient = isLive && !isOver;
    timer = setTimeout(ask, isPatient ? LIVE_MS : waitMs);
    if (!isPatient) waitMs = Math.min(LONGEST_MS, waitMs * GROWTH);
  }

  async function ask() {
    if (isEnded) return;
    mustAskAgain = isAsking; // what is under way may have been asked too early
    if (isAsking) return;
    isAsking = true;
    clearTimeout(timer);
    const result = await client.job(id);
    isAsking = false;
    if (isEnded) return;
    if (result.ok) {
      show({ type: "job", job: result.value });
      if (isFinal(result.value.state)) return stop();
      listen(result.value.channel);
    } else {
      const problem = result.error;
      show({ type: problem.isTemporary ? "late" : "problem", problem });
      if (!problem.isTemporary) return stop();
      if (problem.retryAfterS) {
        mustAskAgain = false;
        waitMs = Math.max(waitMs, problem.retryAfterS * 1000);
      }
    }
    if (mustAskAgain) hurry();
    else plan();
  }
}
