// The state of one upload, from the queue to its answer, and what moves it.

import { isFinal } from "./watch.js";

/** @import { Failure, Job, JobEvent, JobRow } from "./types.js" */
/** @import { News } from "./watch.js" */

/** @typedef {"queued" | "creating" | "uploading" | "waiting" | "processing" | "succeeded" | "failed" | "problem"} Phase  problem: the upload went wrong, not the job */

/**
 * @typedef {object} Item
 * @property {string} key            this list's own name for it
 * @property {string} name
 * @property {number | null} size    in bytes; null of a job made earlier
 * @property {boolean} csv
 * @property {string} idempotencyKey  of its upload; empty of a job made earlier
 * @property {Phase} phase
 * @property {string | null} id      the job's, once there is one
 * @property {number} fraction       of the bytes that are sent
 * @property {boolean} arrived       is the file uploaded
 * @property {number} rowsDone
 * @property {number | null} rowsTotal
 * @property {Job | null} job        the finished job
 * @property {Failure | null} late   why there is no news for the moment
 * @property {Failure | null} problem
 */

/** @typedef {{ type: "sending", phase: Phase, more?: Partial<Item> } | News} Action */

/** @type {Record<string, number>} */
const RANK = { queued: 0, creating: 1, uploading: 2, waiting: 3, problem: 3, processing: 4, succeeded: 5, failed: 5 };

/**
 * Is anything still to come?
 * @param {{ phase: string }} item
 */
export const isUnderWay = ({ phase }) => !isFinal(phase) && phase !== "problem";

/**
 * Is its file still here?
 * @param {{ phase: string }} item
 */
export const isLeaving = ({ phase }) => RANK[phase] < RANK.waiting;

/**
 * Is its upload under way?
 * @param {{ phase: string }} item
 */
export const isSending = (item) => isLeaving(item) && item.phase !== "queued";

/**
 * Has work on its file begun, so that it must have arrived?
 * @param {{ phase: string }} item
 */
export const hasBegun = ({ phase }) => RANK[phase] > RANK.waiting;

/**
 * A state: of a file about to be uploaded, or of a job made earlier.
 * @param {string} key
 * @param {Partial<Item> & { name: string }} known
 * @returns {Item}
 */
export const begin = (key, known) => ({ key, size: null, csv: false, idempotencyKey: "", phase: "queued", id: null, fraction: 0, arrived: false, rowsDone: 0, rowsTotal: null, job: null, late: null, problem: null, ...known });

/**
 * The item in a later phase; as it is, when the phase is an earlier one.
 * @param {Item} item
 * @param {Phase} phase
 * @param {Partial<Item>} [more]
 * @returns {Item}
 */
const forward = (item, phase, more) => (RANK[phase] > RANK[item.phase] || phase === item.phase ? { ...item, phase, ...more } : item);

/**
 * What an item becomes by an action. Events may come twice, late or out of order, and answers may overtake them: a phase never goes back,
 * rows never decrease, and what is done stays as it is.
 * @param {Item} item
 * @param {Action} action
 * @returns {Item}
 */
export function reduce(item, action) {
  switch (action.type) {
    case "sending":
      return { ...forward(item, action.phase), ...action.more };
    case "event":
      return applyEvent(item, action.event);
    case "job":
      return applyJob(item, action.job);
    case "late":
      return { ...item, late: action.problem };
    case "problem":
      return item.job ? item : { ...item, phase: "problem", late: null, problem: action.problem };
    default:
      return item;
  }
}

/**
 * @param {Item} item
 * @param {JobEvent} event
 * @returns {Item}
 */
function applyEvent(item, { state, rows_done: done, rows_total: total, rows }) {
  return forward(item, state, { late: null, problem: null, rowsDone: Math.max(item.rowsDone, done ?? 0, rows ?? 0), rowsTotal: total ?? rows ?? item.rowsTotal });
}

/**
 * @param {Item} item
 * @param {Job} job
 * @returns {Item}
 */
function applyJob(item, job) {
  if (item.job) return item;
  const isOver = isFinal(job.state); // the API has the last word, whatever an event said
  return { ...forward(item, job.state), id: job.id, name: job.name, late: null, ...(isOver && { phase: job.state, job, problem: null }) };
}

/**
 * A line of the list of jobs, brought up to date: what is done stays done.
 * @param {JobRow | undefined} known
 * @param {JobRow} news
 * @returns {JobRow}
 */
export const mergeRow = (known, news) => (known && RANK[news.state] < RANK[known.state] ? { ...news, ...known } : { ...known, ...news });
