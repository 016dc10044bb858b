// One request to the API, with the caller's token; whatever comes back is a Result.

import { fail, failAborted, failSignIn, failUnreachable, readFailure } from "./failures.js";

/** @import { GetToken, Result } from "./types.js" */
/** @typedef {{ method?: string, body?: BodyInit, headers?: Record<string, string>, keepalive?: boolean, signal?: AbortSignal }} Request */

const LIMIT_MS = 35_000; // an HTTP API itself gives up after 30 s

export class Http {
  #apiUrl;
  #getToken;

  /**
   * @param {string} apiUrl
   * @param {GetToken} [getToken]
   */
  constructor(apiUrl, getToken) {
    this.#apiUrl = apiUrl.replace(/\/+$/, "");
    this.#getToken = getToken;
  }

  /**
   * The caller's token; null where the API asks for none.
   * @returns {Promise<Result<string | null>>}
   */
  async token(forceRefresh = false) {
    if (!this.#getToken) return { ok: true, value: null };
    try {
      const token = await this.#getToken({ forceRefresh });
      return token ? { ok: true, value: token } : failSignIn();
    } catch (error) {
      return failSignIn(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * Ask for a path of the API and return the JSON that it answers. A token that is refused is renewed once.
   * @param {string} path
   * @param {Request} [request]
   * @returns {Promise<Result<any>>}
   */
  async call(path, request = {}, isSecond = false) {
    const token = await this.token(isSecond);
    if (!token.ok) return token;
    const { signal, ...options } = request;
    const limit = AbortSignal.timeout(LIMIT_MS);
    const headers = { accept: "application/json", ...request.headers, ...(token.value ? { authorization: `Bearer ${token.value}` } : {}) };
    let response;
    let body;
    try {
      response = await fetch(this.#apiUrl + path, { ...options, headers, signal: signal ? AbortSignal.any([signal, limit]) : limit });
      body = await response.text();
    } catch {
      if (signal?.aborted) return failAborted();
      if (limit.aborted) return fail("timeout", "No answer in time", `Nothing came back in ${LIMIT_MS / 1000} s.`, "Try again.", { isTemporary: true });
      return failUnreachable(this.#apiUrl);
    }
    if (response.status === 401 && this.#getToken) return isSecond ? failSignIn() : this.call(path, request, true);
    if (!response.ok) return readFailure(response.status, response.headers, body);
    try {
      return { ok: true, value: JSON.parse(body) };
    } catch {
      return failUnreadable("The API answered with something that is not JSON.");
    }
  }
}

/**
 * The answer of a call whose own answer makes no sense.
 * @param {string} detail
 */
export const failUnreadable = (detail) => fail("unreadable-answer", "An answer nobody can read", detail, "Is the address the API's? Else the operator can find it in the logs.");
