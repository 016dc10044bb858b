/**
 * A body and its headers: a file goes as it is, numbers and rows go as JSON.
 * @param {Input} input
 * @returns {Request}
 */
export function encodeInput(input: Input): Request;
/** @typedef {ReturnType<typeof createClient>} Client */
/**
 * A client of an API: `createClient({ apiUrl })`, with `token` where people sign in and `events` for push.
 * @param {Settings} settings
 */
export function createClient({ apiUrl, model, token, events, maxUploadBytes }: Settings): {
    /** Push, or null where the deployment has none that this client can use. @type {Events | null} */
    events: Events | null;
    /**
     * Ask for any path of the API, with the token; the answer's JSON.
     * @param {string} path
     * @param {Request} [request]
     * @returns {Promise<Result<any>>}
     */
    call: (path: string, request?: Request, isSecond?: boolean) => Promise<Result<any>>;
    /**
     * Ask what a picture shows, or what a row of numbers gives.
     * @param {Input} input
     * @param {{ digits?: "all", pixels?: boolean, seen?: boolean, variant?: string, signal?: AbortSignal }} [options]  digits: read each digit of the picture; pixels, seen: tell what the model saw, by value or as a PNG
     * @returns {Promise<Result<Answer>>}
     */
    predict(input: Input, { digits, pixels, seen, variant, signal }?: {
        digits?: "all";
        pixels?: boolean;
        seen?: boolean;
        variant?: string;
        signal?: AbortSignal;
    }): Promise<Result<Answer>>;
    /**
     * Say what a prediction should have been: its right label, or one for each prediction with null for no opinion.
     * @param {string} id  of the Answer
     * @param {Label | (Label | null)[]} label
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<Result<{ right: number, wrong: number }>>}
     */
    feedback(id: string, label: Label | (Label | null)[], { signal }?: {
        signal?: AbortSignal;
    }): Promise<Result<{
        right: number;
        wrong: number;
    }>>;
    /**
     * Ask which model answers: its manifest.
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<Result<any>>}
     */
    model: ({ signal }?: {
        signal?: AbortSignal;
    }) => Promise<Result<any>>;
    /**
     * Make a job of a photo or a batch, and upload it. The job is done later: `wait` for it. Its results repeat the columns `keys` of a table. With the `idempotencyKey` of an earlier call, the file goes to that call's job.
     * @param {Blob} file
     * @param {{ name?: string, csv?: boolean, keys?: string[], idempotencyKey?: string, onCreated?: (job: NewJob) => void, onProgress?: (fraction: number) => void, signal?: AbortSignal }} [options]
     * @returns {Promise<Result<NewJob>>}
     */
    upload(file: Blob, { name, csv, keys, idempotencyKey, onCreated, onProgress, signal }?: {
        name?: string;
        csv?: boolean;
        keys?: string[];
        idempotencyKey?: string;
        onCreated?: (job: NewJob) => void;
        onProgress?: (fraction: number) => void;
        signal?: AbortSignal;
    }): Promise<Result<NewJob>>;
    /**
     * Ask how a job is.
     * @param {string} id
     * @param {{ signal?: AbortSignal }} [options]
     * @returns {Promise<Result<Job>>}
     */
    job: (id: string, { signal }?: {
        signal?: AbortSignal;
    }) => Promise<Result<Job>>;
    /**
     * The caller's jobs, newest first; `cursor` is the `next` of the page before.
     * @param {{ cursor?: string | null, limit?: number, signal?: AbortSignal }} [options]
     * @returns {Promise<Result<JobPage>>}
     */
    listJobs({ cursor, limit, signal }?: {
        cursor?: string | null;
        limit?: number;
        signal?: AbortSignal;
    }): Promise<Result<JobPage>>;
    /**
     * Wait for a job's end: by push where there is push, else by asking. Ok is a job that succeeded; the failure of one that failed has it as `job`.
     * @param {string | JobRow} job  the job, or its id
     * @param {{ onEvent?: (event: JobEvent) => void, signal?: AbortSignal }} [options]  onEvent: how far it is
     * @returns {Promise<Result<Job>>}
     */
    wait: (job: string | JobRow, { onEvent, signal }?: {
        onEvent?: (event: JobEvent) => void;
        signal?: AbortSignal;
    }) => Promise<Result<Job>>;
};
export type Client = ReturnType<typeof createClient>;
import type { Input } from "./types.js";
import type { Request } from "./http.js";
import type { Settings } from "./types.js";
import type { Events } from "./events.js";
import type { Result } from "./types.js";
import type { Answer } from "./types.js";
import type { Label } from "./types.js";
import type { NewJob } from "./types.js";
import type { Job } from "./types.js";
import type { JobPage } from "./types.js";
import type { JobRow } from "./types.js";
import type { JobEvent } from "./types.js";
