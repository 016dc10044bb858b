// Problems in words: a title, what happened, and what to do about it.

const ALONE = { 429: "Too many requests", 502: "The API failed", 503: "The API is not ready", 504: "No answer in time" };
const PASSING = new Set(["endpoint-starting", "endpoint-busy"]);
const PASSING_STATUS = new Set([429, 503]);
const USUAL_WAIT_S = 5;
const LONGEST_WAIT_S = 60;

export class Problem extends Error {
  /** `askAgain`: the same question may be answered later. `retryInS`: the page should ask it again by itself then; null when not. */
  constructor(title, detail, advice = "", { code = "", status = 0, askAgain = false, retryInS = null, requestId = "" } = {}) {
    super(detail);
    Object.assign(this, { name: "Problem", title, detail, advice, code, status, askAgain, retryInS, requestId });
  }
}

/** Seconds in a Retry-After header (seconds or an HTTP date), or null. */
export function retryAfterS(header, now = Date.now()) {
  if (!header) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), LONGEST_WAIT_S) : null;
}

/** The Problem in an answer that is not 2xx: its own words (RFC 9457) when it has them, ours when a gateway answered instead. */
export function problemFrom(status, headers, body) {
  let said = {};
  try {
    said = JSON.parse(body) ?? {};
  } catch {
    // a gateway's page, or nothing at all
  }
  const code = typeof said.type === "string" ? said.type.split(":").at(-1) : "";
  // Retry-After is invisible across origins unless the API exposes it, so a passing problem has a usual wait.
  const passing = PASSING.has(code) || (!code && PASSING_STATUS.has(status));
  const retryInS = PASSING_STATUS.has(status) || passing ? (retryAfterS(headers.get("retry-after")) ?? (passing ? USUAL_WAIT_S : null)) : null;
  const title = said.title || ALONE[status] || "Something went wrong";
  const detail = said.detail || said.message || `The API answered with status ${status}.`;
  return new Problem(title, detail, said.advice ?? "", { code, status, retryInS, askAgain: status >= 500 || status === 429, requestId: said.request_id ?? "" });
}

/** The Problem of a request that got no answer at all. */
export function createUnreachable(apiUrl, stage) {
  const advice = stage === "local" ? "Is the stack running? `make up` starts it." : "Check your connection, then try again.";
  return new Problem("The API cannot be reached", `No answer came from ${new URL(apiUrl).host}.`, advice, { code: "unreachable", askAgain: true });
}
