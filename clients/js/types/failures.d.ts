/**
 * A failed call's answer.
 * @param {FailureCode} code
 * @param {string} title
 * @param {string} detail
 * @param {string} [advice]
 * @param {Partial<Failure>} [more]
 * @returns {{ ok: false, error: Failure }}
 */
export function fail(code: FailureCode, title: string, detail: string, advice?: string, more?: Partial<Failure>): {
    ok: false;
    error: Failure;
};
/**
 * The answer of a call that met an error nobody foresaw; in the error's own words where it has a title and advice.
 * @param {any} error
 */
export function failUnforeseen(error: any): {
    ok: false;
    error: Failure;
};
/**
 * The answer of a request that got none.
 * @param {string} apiUrl
 */
export function failUnreachable(apiUrl: string): {
    ok: false;
    error: Failure;
};
/**
 * Seconds in a Retry-After header (seconds or an HTTP date), or null.
 * @param {string | null} header
 */
export function readRetryAfter(header: string | null, now?: number): number | null;
/**
 * The failure in an answer that is not 2xx: its own words (RFC 9457) when it has them, ours when a gateway answered instead.
 * @param {number} status
 * @param {Headers} headers
 * @param {string} body
 */
export function readFailure(status: number, headers: Headers, body: string): {
    ok: false;
    error: Failure;
};
export function failAborted(): {
    ok: false;
    error: Failure;
};
export function failSignIn(detail?: string): {
    ok: false;
    error: Failure;
};
import type { FailureCode } from "./types.js";
import type { Failure } from "./types.js";
