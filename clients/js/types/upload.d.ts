/**
 * Call again, with growing waits, while the failure is a temporary one.
 * @template T
 * @param {() => Promise<Result<T>>} attempt
 * @param {AbortSignal} [signal]
 * @returns {Promise<Result<T>>}
 */
export function persist<T>(attempt: () => Promise<Result<T>>, signal?: AbortSignal, { wait, random }?: {
    wait?: typeof pause | undefined;
    random?: (() => number) | undefined;
}): Promise<Result<T>>;
/**
 * The form S3 wants: every signed field in its order, the file last.
 * @param {Record<string, string>} fields
 * @param {Blob} file
 * @param {string} name
 */
export function createForm(fields: Record<string, string>, file: Blob, name: string): FormData;
/**
 * The failure in a storage's refusal, which is XML.
 * @param {number} status
 * @param {string} body
 */
export function readRefusal(status: number, body: string): {
    ok: false;
    error: import("./types.js").Failure;
};
/**
 * Upload a file to a job's form. The form alone is the permission: no token goes there.
 * @param {UploadForm} form
 * @param {Blob} file
 * @param {{ name: string, onProgress?: (fraction: number) => void, signal?: AbortSignal, createRequest?: (() => XMLHttpRequest) | null }} options
 * @returns {Promise<Result<null>>}
 */
export function sendFile({ url, fields }: UploadForm, file: Blob, { name, onProgress, signal, createRequest }: {
    name: string;
    onProgress?: (fraction: number) => void;
    signal?: AbortSignal;
    createRequest?: (() => XMLHttpRequest) | null;
}): Promise<Result<null>>;
import type { Result } from "./types.js";
/**
 * Wait; sooner when the signal fires.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
declare function pause(ms: number, signal?: AbortSignal): Promise<void>;
import type { UploadForm } from "./types.js";
export {};
