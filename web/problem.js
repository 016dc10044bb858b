// Problems in words: a title, what happened, and what to do about it.

const ADVICE = { "sign-in": "What you drew is kept." };

/** What the page throws where it cannot go on: the client's Failure as an Error, or one of the page's own. */
export class Problem extends Error {
  /** `isTemporary`: the same question may be answered later. `retryAfterS`: the page asks it again by itself then; null when not. */
  constructor(title, detail, advice = "", { code = "", status = 0, isTemporary = false, retryAfterS = null, requestId = "" } = {}) {
    super(detail);
    Object.assign(this, { name: "Problem", title, detail, advice, code, status, isTemporary, retryAfterS, requestId });
  }
}

/** The value of the client's Result; throws its failure as a Problem. */
export function valueOf(result) {
  if (result.ok) return result.value;
  const { title, detail, advice, ...more } = result.error;
  throw new Problem(title, detail, ADVICE[more.code] ?? advice, more);
}
