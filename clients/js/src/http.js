// One request to the API, with the caller's token; whatever comes back is a Result.

import { parseJson } from "./encoding.js";
import { failAborted, failLost, failSignIn, failUnreadable, readFailure } from "./failures.js";

/** @import { GetToken, Result } from "./types.js" */
/** @typedef {{ method?: string, body?: BodyInit, headers?: Record<string, string>, keepalive?: boolean, signal?: AbortSignal }} Request */

const LIMIT_MS = 35_000; // an HTTP API itself gives up after 30 s

/**
 * Asks an API: `call` for the JSON of a path, `readToken` for the caller's token.
 * @param {string} apiUrl
 * @param {GetToken} [getToken]
 */
export function createHttp(apiUrl, getToken) {
  const base = apiUrl.replace(/\/+$/, "");
  return { readToken, call };

  /**
   * The caller's token; null where the API asks for none.
   * @returns {Promise<Result<string | null>>}
   */
  async function readToken(forceRefresh = false) {
    if (!getToken) return { ok: true, value: null };
    try {
      const value = await getToken({ forceRefresh });
      return value ? { ok: true, value } : failSignIn();
    } catch (/** @type {any} */ error) {
      return failSignIn(String(error?.message ?? error));
    }
  }

  /**
   * Ask for a path of the API and return the JSON that it answers. A token that is refused is renewed once.
   * @param {string} path
   * @param {Request} [request]
   * @returns {Promise<Result<any>>}
   */
  async function call(path, request = {}, isSecond = false) {
    const token = await readToken(isSecond);
    if (!token.ok) return token;
    const { signal } = request;
    const limit = AbortSignal.timeout(LIMIT_MS);
    const headers = { ...request.headers, ...(token.value && { authorization: `Bearer ${token.value}` }) };
    let response;
    let body;
    try {
      response = await fetch(base + path, { ...request, headers, signal: signal ? AbortSignal.any([signal, limit]) : limit });
      body = await response.text();
    } catch {
      return signal?.aborted ? failAborted() : failLost(limit.aborted ? "timeout" : "unreachable", base, "The API cannot be reached");
    }
    if (response.status === 401 && getToken) return isSecond ? failSignIn() : call(path, request, true);
    if (!response.ok) return readFailure(response.status, response.headers, body);
    const value = parseJson(body);
    return value === null ? failUnreadable("JSON") : { ok: true, value };
  }
}
