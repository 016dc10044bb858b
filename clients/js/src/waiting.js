// Waiting: how long before another attempt, and for what a caller may stop.

import { failAborted } from "./failures.js";

/** @import { Result } from "./types.js" */

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * How long to wait before another attempt: doubling, with jitter so that clients do not all return at the same moment.
 * @param {number} attempt  from 0
 */
export const chooseWaitMs = (attempt, random = Math.random()) => Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt) * (0.5 + random / 2);

/**
 * Begin something that ends later, and wait for its result; when the signal fires, end it with the failure that says so.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {(end: (result: Result<T>) => void) => () => void} begin  gets what ends it; returns what clears up after it
 * @returns {Promise<Result<T>>}
 */
export function endBySignal(signal, begin) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(failAborted());
    /** @param {Result<T>} result */
    const end = (result) => {
      signal?.removeEventListener("abort", stop);
      clear();
      resolve(result);
    };
    const stop = () => end(failAborted());
    signal?.addEventListener("abort", stop);
    const clear = begin(end);
  });
}
