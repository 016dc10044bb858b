// The client: what a page or a program asks of the API, each answer a Result.

import { Events } from "./events.js";
import { fail, failAborted } from "./failures.js";
import { failUnreadable, Http } from "./http.js";
import { persist, sendFile } from "./upload.js";
import { Watch } from "./watch.js";

/** @import { Answer, Failure, Input, Job, JobEvent, JobPage, JobRow, NewJob, Result, Settings } from "./types.js" */
/** @import { Request } from "./http.js" */

const JSON_TYPE = { "content-type": "application/json" };

/**
 * A body and its headers: a file goes as it is, numbers go as JSON.
 * @param {Input} input
 * @returns {{ body: BodyInit, headers: Record<string, string> }}
 */
export function encodeInput(input) {
  if (input instanceof FormData) return { body: input, headers: {} }; // the browser writes its boundary into the type
  if (input instanceof Blob) return { body: input, headers: { "content-type": input.type || "application/octet-stream" } };
  if (input instanceof ArrayBuffer || input instanceof Uint8Array) return { body: input, headers: { "content-type": "application/octet-stream" } };
  if (typeof input !== "object" || input === null || ArrayBuffer.isView(input)) throw new TypeError("predict takes a Blob, bytes, a FormData, or numbers in an Array");
  return { body: JSON.stringify(input), headers: JSON_TYPE };
}

const createKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`; // randomUUID is there only over https

export class Client {
  /** Push, or null where the deployment has none that this client can use. @type {Events | null} */
  events;
  #http;

  /** @param {Settings} settings */
  constructor({ apiUrl, token, events }) {
    this.#http = new Http(apiUrl, token);
    this.events = events && events.auth.kind !== "iam" ? new Events(events, (forceRefresh) => this.#http.token(forceRefresh)) : null;
  }

  /**
   * Ask for any path of the API, with the token; the answer's JSON.
   * @param {string} path
   * @param {Request} [request]
   * @returns {Promise<Result<any>>}
   */
  call(path, request) {
    return this.#http.call(path, request);
  }

  /**
   * Ask what a picture shows, or what a row of numbers gives.
   * @param {Input} input
   * @param {{ digits?: "all", pixels?: boolean, variant?: string, signal?: AbortSignal }} [options]  digits: read each digit of the picture; pixels: tell what the model saw
   * @returns {Promise<Result<Answer>>}
   */
  async predict(input, { digits, pixels, variant, signal } = {}) {
    const query = new URLSearchParams({ ...(digits && { digits }), ...(pixels && { include: "pixels" }), ...(variant && { variant }) });
    const result = await this.call(`/predictions${query.size ? `?${query}` : ""}`, { method: "POST", ...encodeInput(input), signal });
    return result.ok && !result.value?.predictions?.length ? failUnreadable("The API answered without a prediction.") : result;
  }

  /**
   * Say what a prediction should have been: its right label, or one for each prediction with null for no opinion.
   * @param {string} id  of the Answer
   * @param {number | (number | null)[]} label
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Result<{ right: number, wrong: number }>>}
   */
  feedback(id, label, { signal } = {}) {
    const body = JSON.stringify(Array.isArray(label) ? { labels: label } : { label });
    const request = { method: "POST", body, headers: JSON_TYPE, keepalive: true, signal }; // leaving the page must not take it back
    return this.call(`/predictions/${encodeURIComponent(id)}/feedback`, request);
  }

  /**
   * Ask which model answers: its manifest.
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Result<any>>}
   */
  model({ signal } = {}) {
    return this.call("/model", { signal });
  }

  /**
   * Make a job of a photo or a batch, and upload it. The job is done later: `wait` for it.
   * @param {Blob} file
   * @param {{ name?: string, csv?: boolean, onCreated?: (job: NewJob) => void, onProgress?: (fraction: number) => void, signal?: AbortSignal }} [options]
   * @returns {Promise<Result<NewJob>>}
   */
  async upload(file, { name = file instanceof File ? file.name : "upload", csv = false, onCreated, onProgress, signal } = {}) {
    if (!file.size) return fail("empty-file", "An empty file", `“${name}” is empty.`, "Choose a file with something in it.");
    const body = JSON.stringify({ name, content_type: file.type || "application/octet-stream", size_bytes: file.size, csv });
    const request = { method: "POST", body, headers: { ...JSON_TYPE, "idempotency-key": createKey() }, signal }; // asked again, it makes no second job
    const created = nameUploads(await persist(() => this.call("/jobs", request), signal));
    if (!created.ok) return created;
    if (!created.value?.upload?.url) return failUnreadable("The API made a job without a place to upload to.");
    onCreated?.(created.value);
    const sent = await sendFile(created.value.upload, file, { name, onProgress, signal });
    return sent.ok ? created : sent;
  }

  /**
   * Ask how a job is.
   * @param {string} id
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Result<Job>>}
   */
  job(id, { signal } = {}) {
    return this.call(`/jobs/${encodeURIComponent(id)}`, { signal });
  }

  /**
   * The caller's jobs, newest first; `cursor` is the `next` of the page before.
   * @param {{ cursor?: string | null, limit?: number, signal?: AbortSignal }} [options]
   * @returns {Promise<Result<JobPage>>}
   */
  async listJobs({ cursor, limit = 20, signal } = {}) {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) });
    return nameUploads(await this.call(`/jobs?${query}`, { signal }));
  }

  /**
   * Wait for a job's end: by push where there is push, else by asking. Ok is a job that succeeded; the failure of one that failed has it as `job`.
   * @param {string | JobRow} job  the job, or its id
   * @param {{ onEvent?: (event: JobEvent) => void, signal?: AbortSignal }} [options]  onEvent: how far it is
   * @returns {Promise<Result<Job>>}
   */
  async wait(job, { onEvent = () => {}, signal } = {}) {
    const known = typeof job === "string" ? await persist(() => this.job(job, { signal }), signal) : /** @type {const} */ ({ ok: true, value: job });
    if (!known.ok) return known;
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve(failAborted());
      const watch = new Watch(known.value, this, (news) => {
        if (news.type === "event") onEvent(news.event);
        else if (news.type === "job" && news.job.state === "succeeded") finish({ ok: true, value: news.job });
        else if (news.type === "job" && news.job.state === "failed") finish(failJob(news.job));
        else if (news.type === "problem") finish({ ok: false, error: news.problem });
      });
      const stop = () => finish(failAborted());
      /** @param {Result<Job>} result */
      const finish = (result) => {
        watch.stop();
        signal?.removeEventListener("abort", stop);
        resolve(result);
      };
      signal?.addEventListener("abort", stop);
    });
  }
}

/**
 * A client of an API: `createClient({ apiUrl })`, with `token` where people sign in and `events` for push.
 * @param {Settings} settings
 */
export const createClient = (settings) => new Client(settings);

/** @param {Job} job */
function failJob(job) {
  const { code = "internal", title = "The job failed", detail = "", advice } = job.error ?? {};
  return fail(code, title, detail, advice, { job, requestId: job.request_id });
}

/**
 * A gateway's 404 on /jobs itself: the stack was deployed without uploads.
 * @template T
 * @param {Result<T>} result
 * @returns {Result<T>}
 */
function nameUploads(result) {
  if (result.ok || result.error.status !== 404) return result;
  return fail("no-uploads", "No uploads here", "This deployment has no uploads.", "Send one digit at a time, or deploy the stack with uploads.", { status: 404 });
}
