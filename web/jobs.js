// Jobs, as this page calls them: make one, upload its file to where the API said, ask how it is.

import { Problem } from "./problem.js";
import { bytes } from "./words.js";

const TRIES = 4;
const FIRST_WAIT_MS = 1000;
const STALLED_MS = 60_000; // no byte moved and no answer came
const NO_UPLOADS = "no-uploads";

const createAbortError = () => new DOMException("Aborted", "AbortError");

/** Wait; an AbortError when the signal fires. */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(createAbortError())), { once: true });
  });
}

/** Try again what a network or a busy server failed, with growing waits; other problems are thrown as they come. */
export async function persist(attempt, signal, { wait = pause, random = Math.random } = {}) {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried === TRIES || !(error instanceof Problem) || !error.askAgain) throw error;
      await wait(error.retryInS ? error.retryInS * 1000 : FIRST_WAIT_MS * 2 ** (tried - 1) * (0.5 + random() / 2), signal);
    }
  }
}

/** Refuse in words what no upload would take; sizes in bytes, `max_bytes` only where it is known. */
export function checkFile({ name, size }, { min_bytes = 1, max_bytes = Infinity } = {}) {
  if (size === 0) throw new Problem("An empty file", `“${name}” is empty.`, "Choose a file with something in it.", { code: "empty-file" });
  if (size < min_bytes) throw new Problem("Too small", `“${name}” is ${bytes(size)}; an upload takes at least ${bytes(min_bytes)}.`, "Choose a larger file.", { code: "too-small" });
  if (size > max_bytes) throw new Problem("Too large", `“${name}” is ${bytes(size)}; an upload takes at most ${bytes(max_bytes)}.`, "Split it into smaller files.", { code: "too-large" });
}

/** The form S3 wants: every signed field in its order, the file last. */
export function formOf(fields, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file, file.name);
  return form;
}

/** The Problem in an upload's refusal: S3 answers in XML. */
export function uploadProblem(status, body) {
  const readTag = (tag) => body.match(new RegExp(`<${tag}>([^<]*)</${tag}>`))?.[1] ?? "";
  if (readTag("Code") === "EntityTooLarge") return new Problem("Too large", `The file is larger than the ${readTag("MaxSizeAllowed") ? bytes(Number(readTag("MaxSizeAllowed"))) : "limit"} an upload takes.`, "Split it into smaller files.", { code: "too-large", status });
  if (/expired/i.test(readTag("Message"))) return new Problem("The upload took too long", "The permission to upload ran out before the file arrived.", "Upload it again.", { code: "upload-expired", status });
  const passing = status >= 500 || status === 429;
  return new Problem("The upload failed", readTag("Message") || `The storage answered with status ${status}.`, "Upload it again.", { code: "upload-refused", status, askAgain: passing });
}

export class Jobs {
  #api;
  #request;

  /** `api.call(path, options, signal)` asks the API; `request()` makes an XMLHttpRequest, because fetch tells no upload progress. */
  constructor(api, request = () => new XMLHttpRequest()) {
    this.#api = api;
    this.#request = request;
  }

  /** Make a job for a file; asking again with the same key makes no second one. Throws a Problem "no-uploads" where nobody answers /jobs. */
  async create({ name, type, size, csv }, key, signal) {
    const body = JSON.stringify({ name, content_type: type || "application/octet-stream", size_bytes: size, csv });
    const options = { method: "POST", body, headers: { "content-type": "application/json", "idempotency-key": key } };
    const job = await withUploads(() => persist(() => this.#api.call("/jobs", options, signal), signal));
    if (!job?.id || !job.upload?.url) throw new Problem("An answer nobody can read", "The API made a job without a place to upload to.", "Try again; if it stays, the operator can find it in the logs.");
    return job;
  }

  /** Ask how a job is. */
  get(id, signal) {
    return this.#api.call(`/jobs/${encodeURIComponent(id)}`, {}, signal);
  }

  /** {jobs, next}: one's own, newest first; `next` is the cursor of those before. */
  list(cursor = null, signal) {
    const query = new URLSearchParams({ limit: "20", ...(cursor ? { cursor } : {}) });
    return withUploads(() => this.#api.call(`/jobs?${query}`, {}, signal));
  }

  /** Upload a file to its presigned form; `progress(fraction)`. The form alone is the permission: no token goes there. */
  upload({ url, fields }, file, progress, signal) {
    return persist(() => this.#send(url, formOf(fields, file), progress, signal), signal);
  }

  #send(url, form, progress, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(createAbortError());
      const request = this.#request();
      let stalled = null;
      const finish = (settle, value) => {
        clearTimeout(stalled);
        signal?.removeEventListener("abort", stop);
        settle(value);
      };
      const stop = () => (request.abort(), finish(reject, createAbortError()));
      const failUpload = (detail) => finish(reject, new Problem("The upload broke off", detail, "Check your connection, then upload it again.", { code: "upload-broken", askAgain: true }));
      const restartTimer = () => {
        clearTimeout(stalled);
        stalled = setTimeout(() => (request.abort(), failUpload(`Nothing moved for ${STALLED_MS / 1000} s.`)), STALLED_MS);
      };
      request.upload.onprogress = ({ loaded, total }) => {
        restartTimer();
        progress(total ? loaded / total : 0);
      };
      request.onerror = () => failUpload(`The connection to ${new URL(url).host} failed.`);
      request.onload = () => {
        if (request.status >= 200 && request.status < 300) finish(resolve);
        else finish(reject, uploadProblem(request.status, request.responseText));
      };
      signal?.addEventListener("abort", stop);
      restartTimer();
      request.open("POST", url);
      request.send(form);
    });
  }
}

/** A gateway's 404 on /jobs itself: the stack was deployed without uploads. */
async function withUploads(ask) {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) throw error;
    throw new Problem("No uploads here", "This deployment has no uploads.", "Draw a digit above, or deploy the stack with uploads.", { code: NO_UPLOADS, status: 404 });
  }
}
