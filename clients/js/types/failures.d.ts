/**
 * A failed call's answer. Its title is the code in words, where `more` has no better one.
 * @param {FailureCode} code
 * @param {string} detail
 * @param {string} [advice]
 * @param {Partial<Failure>} [more]
 * @returns {{ ok: false, error: Failure }}
 */
export function fail(code: FailureCode, detail: string, advice?: string, { title, ...more }?: Partial<Failure>): {
    ok: false;
    error: Failure;
};
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
export function isTemporary(status: number): boolean;
export function failAborted(): {
    ok: false;
    error: Failure;
};
export function failSignIn(detail?: string): {
    ok: false;
    error: Failure;
};
export function failUnforeseen(error: any, more?: Partial<Failure>): {
    ok: false;
    error: Failure;
};
export function failLost(code: FailureCode, url: string, title?: string): {
    ok: false;
    error: Failure;
};
export function failUnreadable(missing: string): {
    ok: false;
    error: Failure;
};
import type { FailureCode } from "./types.js";
import type { Failure } from "./types.js";
