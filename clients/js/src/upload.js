// Sending a file to the form that a new job came with, and trying again what a network or a busy server failed.

import { fail, failAborted, failLost, isTemporary } from "./failures.js";
import { chooseWaitMs, endBySignal } from "./waiting.js";

/** @import { Result, UploadForm } from "./types.js" */

const TRIES = 4;
const LONGEST_WAIT_S = 60; // told to wait longer, the caller decides
const STALLED_MS = 60_000; // no byte moved and no answer came
const AGAIN = "Upload it again.";
const DONE = /** @type {const} */ ({ ok: true, value: null });

/**
 * @param {number} ms
 * @param {AbortSignal} [signal]
 */
const pause = (ms, signal) =>
  endBySignal(signal, (end) => {
    const timer = setTimeout(() => end(DONE), ms);
    return () => clearTimeout(timer);
  });

/**
 * Call again, with growing waits, while the failure is a temporary one.
 * @template T
 * @param {() => Promise<Result<T>>} attempt
 * @param {AbortSignal} [signal]
 * @returns {Promise<Result<T>>}
 */
export async function persist(attempt, signal) {
  for (let tried = 0; ; tried++) {
    const result = await attempt();
    if (result.ok || tried === TRIES - 1 || !result.error.isTemporary) return result;
    const toldS = result.error.retryAfterS ?? 0;
    if (toldS > LONGEST_WAIT_S) return result;
    const paused = await pause(toldS * 1000 || chooseWaitMs(tried), signal);
    if (!paused.ok) return paused;
  }
}

/**
 * A file's name as the API takes it for a job: at most 200 characters, without the middle of a longer one, and "_" for those it does not take.
 * @param {string} name
 */
export const toJobName = (name) => name.replace(/^(.{100}).+(.{100})$/su, "$1$2").replace(/^\s*$|[\0-\x1f\x7f/\\\p{Cs}]/gu, "_"); // an emoji is one, as the API counts

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
 * A storage's answer: nothing, or a refusal, which is XML.
 * @param {number} status
 * @param {string} body
 * @returns {Result<null>}
 */
export function readAnswer(status, body) {
  if (status >= 200 && status < 300) return DONE;
  const message = body.match(/<Message>([^<]*)/)?.[1] || `The storage answered with status ${status}.`;
  if (/expired/i.test(message)) return fail("upload-expired", "The file arrived after its form expired.", AGAIN, { status });
  return fail("upload-refused", message, AGAIN, { status, isTemporary: isTemporary(status) });
}

/** @param {string} url */
const failBroken = (url) => failLost("upload-broken", url);

/**
 * Upload a file to a job's form. The form alone is the permission: no token goes there.
 * @param {UploadForm} form
 * @param {Blob} file
 * @param {{ name: string, onProgress?: (fraction: number) => void, signal?: AbortSignal }} options
 * @returns {Promise<Result<null>>}
 */
export function sendFile({ url, fields }, file, { name, onProgress = () => {}, signal }) {
  const form = createForm(fields, file, name);
  const how = "XMLHttpRequest" in globalThis ? sendAndTell : send; // servers and workers have none
  return persist(() => how(url, form, signal, onProgress), signal);
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
    return readAnswer(response.status, await response.text());
  } catch {
    return signal?.aborted ? failAborted() : failBroken(url);
  }
}

/**
 * As `send`, and tell how far it is, which fetch cannot.
 * @param {string} url
 * @param {FormData} form
 * @param {AbortSignal | undefined} signal
 * @param {(fraction: number) => void} onProgress
 * @returns {Promise<Result<null>>}
 */
const sendAndTell = (url, form, signal, onProgress) =>
  endBySignal(signal, (end) => {
    const request = new XMLHttpRequest();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const giveUp = () => end(failBroken(url));
    const restartTimer = () => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, STALLED_MS);
    };
    request.upload.onprogress = ({ loaded, total }) => {
      restartTimer();
      onProgress(total ? loaded / total : 0);
    };
    request.onerror = giveUp;
    request.onload = () => end(readAnswer(request.status, request.responseText));
    restartTimer();
    request.open("POST", url);
    request.send(form);
    return () => {
      clearTimeout(timer);
      request.abort(); // of one that is done it does nothing
    };
  });
