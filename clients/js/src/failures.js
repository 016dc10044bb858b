// What went wrong, as values: a code, a title, what happened, and what to do about it.

/** @import { Failure, FailureCode, Result } from "./types.js" */

/** @type {Record<number, FailureCode>} */
const GATEWAY_CODES = { 401: "unauthorized", 403: "forbidden", 404: "not-found", 413: "too-large", 429: "throttled" };
/** @type {Record<number, string>} */
const TITLES = { 401: "Not signed in", 403: "Not allowed", 404: "Not found", 429: "Too many requests", 502: "The API failed", 503: "The API is not ready", 504: "No answer in time" };
const NO_TOKEN = "The API asks who calls: give the client a `token` function.";
const PASSING = new Set(["endpoint-starting", "endpoint-busy"]);
const PASSING_STATUS = new Set([429, 503]);
const USUAL_WAIT_S = 5;

/**
 * A failed call's answer.
 * @param {FailureCode} code
 * @param {string} title
 * @param {string} detail
 * @param {string} [advice]
 * @param {Partial<Failure>} [more]
 * @returns {{ ok: false, error: Failure }}
 */
export function fail(code, title, detail, advice = "", more = {}) {
  return { ok: false, error: { code, title, detail, advice, status: 0, isTemporary: false, retryAfterS: null, requestId: "", ...more } };
}

/** The answer of a call that its caller stopped. */
export const failAborted = () => fail("aborted", "Stopped", "The call was stopped before it ended.");

/** The answer of a call that needs somebody to sign in. */
export const failSignIn = (detail = "This API answers people it knows.") => fail("sign-in", "Please sign in", detail, "Sign in, then try again.", { status: 401 });

/**
 * The answer of a call that met an error nobody foresaw; in the error's own words where it has a title and advice.
 * @param {any} error
 */
export function failUnforeseen(error) {
  return fail(error?.code || "unforeseen", error?.title ?? "Something went wrong", String(error?.message ?? error), error?.advice ?? "Try again.");
}

/**
 * The answer of a request that got none.
 * @param {string} apiUrl
 */
export function failUnreachable(apiUrl) {
  const { host, hostname } = new URL(apiUrl);
  const isHere = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  const advice = isHere ? "Is the stack running? `make up` starts it." : "Check your connection, then try again.";
  return fail("unreachable", "The API cannot be reached", `No answer came from ${host}.`, advice, { isTemporary: true });
}

/**
 * Seconds in a Retry-After header (seconds or an HTTP date), or null.
 * @param {string | null} header
 */
export function readRetryAfter(header, now = Date.now()) {
  if (!header) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isFinite(seconds) ? Math.max(seconds, 1) : null;
}

/**
 * The failure in an answer that is not 2xx: its own words (RFC 9457) when it has them, ours when a gateway answered instead.
 * @param {number} status
 * @param {Headers} headers
 * @param {string} body
 */
export function readFailure(status, headers, body) {
  /** @type {Record<string, any>} */
  let said = {};
  try {
    said = JSON.parse(body) ?? {};
  } catch {
    // a gateway's page, or nothing at all
  }
  const code = typeof said.type === "string" ? said.type.replace(/^.*:/, "") : "";
  // Retry-After is invisible across origins unless the API exposes it, so what passes has a usual wait.
  const isPassing = PASSING.has(code) || (!code && PASSING_STATUS.has(status));
  const retryAfterS = isPassing || PASSING_STATUS.has(status) ? (readRetryAfter(headers.get("retry-after")) ?? (isPassing ? USUAL_WAIT_S : null)) : null;
  const title = said.title || TITLES[status] || "Something went wrong";
  const detail = said.detail || said.message || `The API answered with status ${status}.`;
  const more = { status, isTemporary: status >= 500 || status === 429, retryAfterS, requestId: said.request_id || headers.get("x-request-id") || "" };
  return fail(code || GATEWAY_CODES[status] || "gateway-failed", title, detail, said.advice ?? (status === 401 ? NO_TOKEN : ""), more);
}
