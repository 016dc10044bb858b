// What went wrong, as values: a code, a title, what happened, and what to do about it.

import { parseJson } from "./encoding.js";

/** @import { Failure, FailureCode, Result } from "./types.js" */

/** What a gateway's status is called, where no problem detail of the API came with it. @type {Record<number, FailureCode>} */
const GATEWAY_CODES = { 401: "unauthorized", 403: "forbidden", 404: "not-found", 413: "too-large", 429: "throttled" };
/** And what to do then. @type {Record<number, string>} */
const GATEWAY_ADVICE = { 401: "Give the client a `token` function.", 403: "An API with auth=iam takes signed requests: let a back end ask." };
const USUAL_WAIT_S = 5;
const LONGEST_WAIT_S = 86_400; // a timer of more than 24 days would end at once, and the API be asked without a pause

/**
 * May the same call succeed later?
 * @param {number} status
 */
export const isTemporary = (status) => status >= 500 || status === 429;

/**
 * A failed call's answer. Its title is the code in words, where `more` has no better one.
 * @param {FailureCode} code
 * @param {string} detail
 * @param {string} [advice]
 * @param {Partial<Failure>} [more]
 * @returns {{ ok: false, error: Failure }}
 */
export function fail(code, detail, advice = "", { title = code[0].toUpperCase() + code.slice(1).replaceAll("-", " "), ...more } = {}) {
  return { ok: false, error: { code, title, detail, advice, status: 0, isTemporary: false, retryAfterS: null, requestId: "", ...more } };
}

/** The answer of a call that its caller stopped. */
export const failAborted = () => fail("aborted", "Its caller stopped it.");

/** The answer of a call that needs somebody to sign in. */
export const failSignIn = (detail = "This API answers people it knows.") => fail("sign-in", detail, "Sign in, then try again.", { title: "Please sign in", status: 401 });

/**
 * The answer of a call that met an error nobody foresaw, or a failed job; in its own words where it has some.
 * @param {any} error
 * @param {Partial<Failure>} [more]
 */
export const failUnforeseen = (error, more) => fail(error?.code || "unforeseen", error?.detail ?? String(error?.message ?? error), error?.advice ?? "Try again.", { title: error?.title ?? "Something went wrong", ...more });

/**
 * The answer of a request that got none, or none in time.
 * @param {FailureCode} code
 * @param {string} url
 * @param {string} [title]
 */
export const failLost = (code, url, title) => fail(code, `No answer came from ${new URL(url).host}.`, "Check your connection, then try again.", { title, isTemporary: true });

/**
 * The answer of a call whose own answer makes no sense.
 * @param {string} missing
 */
export const failUnreadable = (missing) => fail("unreadable-answer", `The API answered without ${missing}.`, "Check `apiUrl`.");

/**
 * The failure in an answer that is not 2xx: its own words (RFC 9457) when it has them, ours when a gateway answered instead.
 * @param {number} status
 * @param {Headers} headers
 * @param {string} body
 */
export function readFailure(status, headers, body) {
  const said = parseJson(body) ?? {}; // nothing where a gateway sent a page
  const code = String(said.type ?? "").replace(/^.*:/, "");
  const isBusy = status === 429 || status === 503;
  // Retry-After is invisible across origins unless the API exposes it, and a gateway may say a date: what passes has a usual wait.
  const usualS = !code || /^endpoint-(starting|busy)$/.test(code) ? USUAL_WAIT_S : null;
  return fail(code || GATEWAY_CODES[status] || "gateway-failed", said.detail || said.message || `The API answered with status ${status}.`, said.advice ?? ((!code && GATEWAY_ADVICE[status]) || ""), {
    title: said.title,
    status,
    isTemporary: isTemporary(status),
    retryAfterS: isBusy ? Math.max(0, Math.min(Number(headers.get("retry-after")), LONGEST_WAIT_S)) || usualS : null,
    requestId: said.request_id ?? headers.get("x-request-id") ?? "",
  });
}
