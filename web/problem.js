// Problems in words: a title, what happened, and what to do about it.

const AGAIN = "Try again; if it stays, tell who runs the API.";
const KEPT = "You can draw before: what you drew is kept.";
// Where a gateway answered instead of the API: what happened, what to do.
const GATEWAY = {
  429: ["The API takes only so many requests at a time, from everybody together.", "Wait a moment."],
  502: ["Something broke behind its gateway.", AGAIN],
  503: ["It is busy or starting.", "Wait a moment."],
  504: ["The model took longer than the API waits.", "Try again: a model that was starting may be ready by now."],
};
const OFFLINE = { code: "offline", title: "You are offline", detail: "This device has no network just now.", advice: "It goes on as soon as the network is back.", isTemporary: true };
const IS_LOCAL = /^(localhost|127\.[\d.]+|\[::1\])$/.test(globalThis.location?.hostname);
const GATEWAY_CODES = new Set(["throttled", "gateway-failed"]);

/** What the page throws where it cannot go on: the client's Failure as an Error, or one of the page's own. */
export class Problem extends Error {
  /** `isTemporary`: the same question may be answered later. `retryAfterS`: the page asks it again by itself then; null when not. */
  constructor(title, detail, advice = "", { code = "", status = 0, isTemporary = false, retryAfterS = null, requestId = "" } = {}) {
    super(detail);
    Object.assign(this, { name: "Problem", title, detail, advice, code, status, isTemporary, retryAfterS, requestId });
  }
}

const isOfNetwork = ({ code }) => /^(unreachable|timeout|upload-broken)$/.test(code);

/** Whether a failure may come of the deployment being another by now: a gateway's refusal often has no CORS headers, and looks like no answer at all. */
export const mayBeOfAge = ({ code }) => /^(unreachable|upload-broken|unauthorized|forbidden|sign-in|not-found)$/.test(code);

/** The Problem of a page that was opened before the deployment changed. */
export const createOlder = () => new Problem("The deployment has changed", "It did so after this page was opened, which asks as it was before.", "Reload the page.", { code: "older" });

/** The failure of whatever needs a network, while this device has none; else null. */
export const findOffline = () => (globalThis.navigator?.onLine === false ? OFFLINE : null);

/** The value of the client's Result; throws its failure as a Problem. */
export function valueOf(result) {
  if (result.ok) return result.value;
  const { title, detail, advice, ...more } = result.error;
  if (isOfNetwork(more) && findOffline()) throw createOffline();
  if (more.code === "sign-in") throw createSignedOut(detail);
  if (more.code === "unreachable" && IS_LOCAL) throw new Problem(title, detail, "Is the stack running? `make up` starts it.", more);
  const [what, how] = (GATEWAY_CODES.has(more.code) && GATEWAY[more.status]) || [detail, advice || (more.status >= 500 ? AGAIN : "")];
  throw new Problem(title, what, how, more);
}

/** The Problem of a device without a network. */
export const createOffline = () => new Problem(OFFLINE.title, OFFLINE.detail, "What you drew stays. It is read as soon as the network is back.", { code: "unreachable", isTemporary: true });

/** A failure of an upload or of the list of jobs, or null; in the words of a device without a network, where that is why. */
export const explainFailure = (failure) => (failure && isOfNetwork(failure) && findOffline() ? { ...failure, ...OFFLINE } : failure);

/** The Problem of somebody the API does not know. */
export const createSignedOut = (detail = "This API answers people it knows.") => new Problem("Please sign in", detail, KEPT, { code: "sign-in", status: 401 });
