/**
 * Begin something that ends later, and wait for its result; when the signal fires, end it with the failure that says so.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {(end: (result: Result<T>) => void) => () => void} begin  gets what ends it; returns what clears up after it
 * @returns {Promise<Result<T>>}
 */
export function endBySignal<T>(signal: AbortSignal | undefined, begin: (end: (result: Result<T>) => void) => () => void): Promise<Result<T>>;
export function chooseWaitMs(attempt: number, random?: number): number;
import type { Result } from "./types.js";
