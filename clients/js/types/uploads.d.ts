/**
 * A list of uploads for a page.
 * @param {Client | Promise<Client>} client
 * @param {(key?: string) => void} change  is called when an item, or with no key the list, changed
 */
export function createUploads(client: Client | Promise<Client>, change: (key?: string) => void): {
    /** What was uploaded or opened here, newest first. */
    readonly items: Item[];
    /** The caller's jobs, newest first. */
    readonly list: JobList;
    /** Would leaving the page now break an upload off? */
    readonly isBusy: boolean;
    /**
     * The file that an item was made of, or null for a job made earlier.
     * @param {string} key
     */
    getFile: (key: string) => File | null;
    /**
     * Upload files; each gets an item at once. With the `idempotencyKey` of an earlier item, a file goes to that one's job.
     * @param {Iterable<File>} added
     * @param {{ csv?: boolean, idempotencyKey?: string }} [options]
     */
    add(added: Iterable<File>, { csv, idempotencyKey }?: {
        csv?: boolean;
        idempotencyKey?: string;
    }): void;
    /**
     * Try an item again: ask about a job whose file arrived, else begin the upload anew, to the same job.
     * @param {string} key
     */
    retry(key: string): void;
    /**
     * Stop an item's upload if it is under way, and take the item away; its job stays in the list.
     * @param {string} key
     */
    close(key: string): void;
    /**
     * Show a job of the list in an item of its own; returns the item's key.
     * @param {string} id
     */
    open(id: string): string;
    /** Read the list anew, or with `more` what comes after it; unfinished jobs are watched from then on. */
    load({ more }?: {
        more?: boolean | undefined;
    }): Promise<void>;
    /** Ask and connect now: the network is back. */
    hurry(): void;
};
export { isUnderWay };
export type UploadItem = import("./upload-state.js").Item;
export type JobList = {
    jobs: JobRow[];
    next: string | null;
    state: "unknown" | "loading" | "ready" | "problem";
    problem: Failure | null;
};
export type Uploads = ReturnType<typeof createUploads>;
import type { Client } from "./client.js";
import type { Item } from "./upload-state.js";
import { isUnderWay } from "./upload-state.js";
import type { JobRow } from "./types.js";
import type { Failure } from "./types.js";
