/**
 * Call again, with growing waits, while the failure is a temporary one.
 * @template T
 * @param {() => Promise<Result<T>>} attempt
 * @param {AbortSignal} [signal]
 * @returns {Promise<Result<T>>}
 */
export function persist<T>(attempt: () => Promise<Result<T>>, signal?: AbortSignal): Promise<Result<T>>;
/**
 * The form S3 wants: every signed field in its order, the file last.
 * @param {Record<string, string>} fields
 * @param {Blob} file
 * @param {string} name
 */
export function createForm(fields: Record<string, string>, file: Blob, name: string): FormData;
/**
 * A storage's answer: nothing, or a refusal, which is XML.
 * @param {number} status
 * @param {string} body
 * @returns {Result<null>}
 */
export function readAnswer(status: number, body: string): Result<null>;
/**
 * Upload a file to a job's form. The form alone is the permission: no token goes there.
 * @param {UploadForm} form
 * @param {Blob} file
 * @param {{ name: string, onProgress?: (fraction: number) => void, signal?: AbortSignal }} options
 * @returns {Promise<Result<null>>}
 */
export function sendFile({ url, fields }: UploadForm, file: Blob, { name, onProgress, signal }: {
    name: string;
    onProgress?: (fraction: number) => void;
    signal?: AbortSignal;
}): Promise<Result<null>>;
export function toJobName(name: string): string;
import type { Result } from "./types.js";
import type { UploadForm } from "./types.js";
