// Sending a file to the form that a new job came with, and trying again what a network or a busy server failed.

import { fail, failAborted } from "./failures.js";

/** @import { Result, UploadForm } from "./types.js" */

const TRIES = 4;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_S = 60; // told to wait longer, the caller decides
const STALLED_MS = 60_000; // no byte moved and no answer came

/**
 * Wait; sooner when the signal fires.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/**
 * Call again, with growing waits, while the failure is a temporary one.
 * @template T
 * @param {() => Promise<Result<T>>} attempt
 * @param {AbortSignal} [signal]
 * @returns {Promise<Result<T>>}
 */
export async function persist(attempt, signal, { wait = pause, random = Math.random } = {}) {
  for (let tried = 1; ; tried++) {
    const result = await attempt();
    if (result.ok || tried === TRIES || !result.error.isTemporary || (result.error.retryAfterS ?? 0) > LONGEST_WAIT_S) return result;
    await wait(result.error.retryAfterS ? result.error.retryAfterS * 1000 : FIRST_WAIT_MS * 2 ** (tried - 1) * (0.5 + random() / 2), signal);
    if (signal?.aborted) return failAborted();
  }
}

/**
 * The form S3 wants: every signed field in its order, the file last.
 * @param {Record<string, string>} fields
 * @param {Blob} file
 * @param {string} name
 */
export function createForm(fields, file, name) {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("file", file, name);
  return form;
}

/**
 * The failure in a storage's refusal, which is XML.
 * @param {number} status
 * @param {string} body
 */
export function readRefusal(status, body) {
  const message = body.match(/<Message>([^<]*)<\/Message>/)?.[1] ?? "";
  if (/expired/i.test(message)) return fail("upload-expired", "The upload took too long", "The permission to upload ran out before the file arrived.", "Upload it again.", { status });
  return fail("upload-refused", "The upload failed", message || `The storage answered with status ${status}.`, "Upload it again.", { status, isTemporary: status >= 500 || status === 429 });
}

/** @param {string} detail */
const failBroken = (detail) => fail("upload-broken", "The upload broke off", detail, "Check your connection, then upload it again.", { isTemporary: true });

const createXhr = typeof XMLHttpRequest === "undefined" ? null : () => new XMLHttpRequest(); // servers and workers have none

/**
 * Upload a file to a job's form. The form alone is the permission: no token goes there.
 * @param {UploadForm} form
 * @param {Blob} file
 * @param {{ name: string, onProgress?: (fraction: number) => void, signal?: AbortSignal, createRequest?: (() => XMLHttpRequest) | null }} options
 * @returns {Promise<Result<null>>}
 */
export function sendFile({ url, fields }, file, { name, onProgress = () => {}, signal, createRequest = createXhr }) {
  const form = createForm(fields, file, name);
  return persist(() => (createRequest ? sendAndTell(url, form, onProgress, signal, createRequest()) : send(url, form, signal)), signal);
}

/**
 * @param {string} url
 * @param {FormData} form
 * @param {AbortSignal} [signal]
 * @returns {Promise<Result<null>>}
 */
async function send(url, form, signal) {
  try {
    const response = await fetch(url, { method: "POST", body: form, signal });
    return response.ok ? { ok: true, value: null } : readRefusal(response.status, await response.text());
  } catch {
    return signal?.aborted ? failAborted() : failBroken(`The connection to ${new URL(url).host} failed.`);
  }
}

/**
 * As `send`, and tell how far it is, which fetch cannot.
 * @param {string} url
 * @param {FormData} form
 * @param {(fraction: number) => void} onProgress
 * @param {AbortSignal | undefined} signal
 * @param {XMLHttpRequest} request
 * @returns {Promise<Result<null>>}
 */
function sendAndTell(url, form, onProgress, signal, request) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(failAborted());
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @param {Result<null>} result */
    const finish = (result) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      resolve(result);
    };
    const stop = () => (request.abort(), finish(failAborted()));
    const restartTimer = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (request.abort(), finish(failBroken(`Nothing moved for ${STALLED_MS / 1000} s.`))), STALLED_MS);
    };
    request.upload.onprogress = ({ loaded, total }) => {
      restartTimer();
      onProgress(total ? loaded / total : 0);
    };
    request.onerror = () => finish(failBroken(`The connection to ${new URL(url).host} failed.`));
    request.onload = () => finish(request.status >= 200 && request.status < 300 ? { ok: true, value: null } : readRefusal(request.status, request.responseText));
    signal?.addEventListener("abort", stop);
    restartTimer();
    request.open("POST", url);
    request.send(form);
  });
}
