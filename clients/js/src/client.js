// The client: what a page or a program asks of the API, each answer a Result.

import { randomToken } from "./encoding.js";
import { createEvents } from "./events.js";
import { fail, failUnforeseen, failUnreadable } from "./failures.js";
import { createHttp } from "./http.js";
import { persist, sendFile, toJobName } from "./upload.js";
import { endBySignal } from "./waiting.js";
import { watchJob } from "./watch.js";

/** @import { Answer, Input, Job, JobEvent, JobPage, JobRow, Label, NewJob, Result, Settings } from "./types.js" */
/** @import { Events } from "./events.js" */
/** @import { Request } from "./http.js" */

const BYTES = "application/octet-stream";

/**
 * A request that sends a value as JSON.
 * @param {unknown} value
 * @param {Request} [more]
 */
const post = (value, more) => ({ method: "POST", body: JSON.stringify(value), ...more, headers: { "content-type": "application/json", ...more?.headers } });

/**
 * A body and its headers: a file goes as it is, numbers and rows go as JSON.
 * @param {Input} input
 * @returns {Request}
 */
export function encodeInput(input) {
  if (input instanceof FormData) return { body: input }; // the browser writes its boundary into the type
  if (input instanceof Blob || input instanceof ArrayBuffer || input instanceof Uint8Array) {
    return { body: input, headers: { "content-type": /** @type {Blob} */ (input).type || BYTES } };
  }
  if (!Array.isArray(input) && String(input) !== "[object Object]") throw new TypeError("predict takes a Blob, bytes, a FormData, numbers or rows");
  return post(input);
}

/**
 * The query of a path, of what is set.
 * @param {Record<string, string | number | false | null | undefined>} fields
 */
function writeQuery(fields) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value) query.set(name, String(value));
  return query.size ? `?${query}` : "";
}

/** @typedef {ReturnType<typeof createClient>} Client */

/**
 * A client of an API: `createClient({ apiUrl })`, with `token` where people sign in and `events` for push.
 * @param {Settings} settings
 */
export function createClient({ apiUrl, model, token, events, maxUploadBytes = Infinity }) {
  const path = model && `/models/${model}`;
  const { call, readToken } = createHttp(apiUrl, token);
  const client = {
    /** Push, or null where the deployment has none that this client can use. @type {Events | null} */
    events: events && events.auth.kind !== "iam" ? createEvents(events, readToken) : null,

    /**
     * Ask for any path of the API, with the token; the answer's JSON.
     * @param {string} path
     * @param {Request} [request]
     * @returns {Promise<Result<any>>}
     */
    call,

    /**
     * Ask what a picture shows, or what a row of numbers gives.
     * @param {Input} input
     * @param {{ digits?: "all", pixels?: boolean, seen?: boolean, variant?: string, signal?: AbortSignal }} [options]  digits: read each digit of the picture; pixels, seen: tell what the model saw, by value or as a PNG
     * @returns {Promise<Result<Answer>>}
     */
    async predict(input, { digits, pixels, seen, variant, signal } = {}) {
      const query = writeQuery({ digits, include: pixels ? "pixels" : seen && "seen", variant });
      const result = await call(`${path ?? ""}/predictions${query}`, { method: "POST", ...encodeInput(input), signal });
      return result.ok && !result.value?.predictions?.length ? failUnreadable("a prediction") : result;
    },

    /**
     * Say what a prediction should have been: its right label, or one for each prediction with null for no opinion.
     * @param {string} id  of the Answer
     * @param {Label | (Label | null)[]} label
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<Result<{ right: number, wrong: number }>>}
     */
    feedback(id, label, { signal } = {}) {
      const request = post(Array.isArray(label) ? { labels: label } : { label }, { keepalive: true, signal }); // leaving the page must not take it back
      return call(`/predictions/${encodeURIComponent(id)}/feedback`, request);
    },

    /**
     * Ask which model answers: its manifest.
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<Result<any>>}
     */
    model: ({ signal } = {}) => call(path ?? "/model", { signal }),

    /**
     * Make a job of a photo or a batch, and upload it. The job is done later: `wait` for it. Its results repeat the columns `keys` of a table. With the `idempotencyKey` of an earlier call, the file goes to that call's job.
     * @param {Blob} file
     * @param {{ name?: string, csv?: boolean, keys?: string[], idempotencyKey?: string, onCreated?: (job: NewJob) => void, onProgress?: (fraction: number) => void, signal?: AbortSignal }} [options]
     * @returns {Promise<Result<NewJob>>}
     */
    async upload(file, { name = /** @type {File} */ (file).name ?? "upload", csv = false, keys, idempotencyKey = randomToken(), onCreated, onProgress, signal } = {}) {
      if (!file.size) return fail("empty-file", `“${name}” is empty.`, "Choose another file.");
      if (file.size > maxUploadBytes) return fail("too-large", `The file has ${file.size.toLocaleString("en")} bytes; an upload takes at most ${maxUploadBytes.toLocaleString("en")}.`, "Split it up.");
      const headers = { "idempotency-key": idempotencyKey }; // asked again, it makes no second job
      const request = post({ name: toJobName(name), content_type: file.type || BYTES, size_bytes: file.size, csv, keys, recipe: model }, { headers, signal });
      const created = nameUploads(await persist(() => call("/jobs", request), signal));
      if (!created.ok) return created;
      if (!created.value?.upload?.fields || !URL.canParse(created.value.upload.url)) return failUnreadable("an upload form");
      onCreated?.(created.value);
      const sent = await sendFile(created.value.upload, file, { name, onProgress, signal });
      return sent.ok ? created : sent;
    },

    /**
     * Ask how a job is.
     * @param {string} id
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<Result<Job>>}
     */
    job: (id, { signal } = {}) => call(`/jobs/${encodeURIComponent(id)}`, { signal }),

    /**
     * The caller's jobs, newest first; `cursor` is the `next` of the page before.
     * @param {{ cursor?: string | null, limit?: number, signal?: AbortSignal }} [options]
     * @returns {Promise<Result<JobPage>>}
     */
    async listJobs({ cursor, limit = 20, signal } = {}) {
      return nameUploads(await call(`/jobs${writeQuery({ limit, cursor })}`, { signal }));
    },

    /**
     * Wait for a job's end: by push where there is push, else by asking. Ok is a job that succeeded; the failure of one that failed has it as `job`.
     * @param {string | JobRow} job  the job, or its id
     * @param {{ onEvent?: (event: JobEvent) => void, signal?: AbortSignal }} [options]  onEvent: how far it is
     * @returns {Promise<Result<Job>>}
     */
    wait: (job, { onEvent, signal } = {}) =>
      endBySignal(signal, (end) => {
        const known = typeof job === "string" ? { id: job } : job;
        const watch = watchJob(known, client, (news) => {
          if (news.type === "event") onEvent?.(news.event);
          if (news.type === "problem") end({ ok: false, error: news.problem });
          if (news.type !== "job") return;
          const value = news.job;
          if (value.state === "succeeded") end({ ok: true, value });
          if (value.state === "failed") end(failUnforeseen(value.error, { job: value, requestId: value.request_id }));
        });
        if (known !== job) watch.hurry();
        return watch.stop;
      }),
  };
  return client;
}

/**
 * A gateway's 404 on /jobs itself: the stack was deployed without uploads.
 * @template T
 * @param {Result<T>} result
 * @returns {Result<T>}
 */
function nameUploads(result) {
  if (result.ok || result.error.status !== 404) return result;
  return fail("no-uploads", "This deployment has no uploads.", "Deploy the stack with uploads.", { status: 404 });
}
