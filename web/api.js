// The API, as this page calls it.

import { Problem, problemFrom, createUnreachable } from "./problem.js";

const LIMIT_MS = 35_000; // an HTTP API itself gives up after 30 s

export class Api {
  #config;
  #auth;

  constructor(config, auth) {
    this.#config = config;
    this.#auth = auth;
  }

  /** Ask what a picture shows; {answer, latencyMs}. Throws a Problem, or AbortError when the signal fires. */
  async predict(blob, signal) {
    const started = performance.now();
    const answer = await this.call("/predictions?include=pixels", { method: "POST", body: blob, headers: { "content-type": blob.type } }, signal);
    if (!answer?.predictions?.length) throw new Problem("An answer nobody can read", "The API answered without a prediction.", "Try again; if it stays, the operator can find it in the logs.");
    return { answer, latencyMs: performance.now() - started };
  }

  /** Say what a prediction should have been. */
  feedback(id, label) {
    const options = { method: "POST", body: JSON.stringify({ label }), headers: { "content-type": "application/json" } };
    return this.call(`/predictions/${encodeURIComponent(id)}/feedback`, options);
  }

  /** Ask which model answers: its manifest. */
  model(signal) {
    return this.call("/model", {}, signal);
  }

  /** Ask for a path with the token and return its JSON. Throws a Problem, or AbortError when the signal fires. */
  async call(path, options, signal, again = true) {
    const token = await this.#auth.token();
    const headers = { accept: "application/json", ...options.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const limit = AbortSignal.timeout(LIMIT_MS);
    let response;
    let body;
    try {
      response = await fetch(this.#config.apiUrl + path, { ...options, headers, signal: signal ? AbortSignal.any([signal, limit]) : limit });
      body = await response.text();
    } catch (error) {
      if (signal?.aborted) throw error;
      if (limit.aborted) throw new Problem("No answer in time", `Nothing came back in ${LIMIT_MS / 1000} s.`, "Try again.", { code: "timeout", askAgain: true });
      throw createUnreachable(this.#config.apiUrl, this.#config.stage);
    }
    if (response.status === 401 && again && (await this.#auth.refresh())) return this.call(path, options, signal, false);
    if (!response.ok) throw response.status === 401 ? this.#auth.refused() : problemFrom(response.status, response.headers, body);
    try {
      return JSON.parse(body);
    } catch {
      throw new Problem("An answer nobody can read", "The API answered with something that is not JSON.", "Is apiUrl in config.json right?");
    }
  }
}
