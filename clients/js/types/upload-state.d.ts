/**
 * What an item becomes by an action. Events may come twice, late or out of order, and answers may overtake them: a phase never goes back,
 * rows never decrease, and what is done stays as it is.
 * @param {Item} item
 * @param {Action} action
 * @returns {Item}
 */
export function reduce(item: Item, action: Action): Item;
export function isUnderWay({ phase }: {
    phase: string;
}): boolean;
export function isLeaving({ phase }: {
    phase: string;
}): boolean;
export function isSending(item: {
    phase: string;
}): boolean;
export function hasBegun({ phase }: {
    phase: string;
}): boolean;
export function begin(key: string, known: Partial<Item> & {
    name: string;
}): Item;
export function mergeRow(known: JobRow | undefined, news: JobRow): JobRow;
/**
 * problem: the upload went wrong, not the job
 */
export type Phase = "queued" | "creating" | "uploading" | "waiting" | "processing" | "succeeded" | "failed" | "problem";
export type Item = {
    /**
     * this list's own name for it
     */
    key: string;
    name: string;
    /**
     * in bytes; null of a job made earlier
     */
    size: number | null;
    csv: boolean;
    /**
     * of its upload; empty of a job made earlier
     */
    idempotencyKey: string;
    phase: Phase;
    /**
     * the job's, once there is one
     */
    id: string | null;
    /**
     * of the bytes that are sent
     */
    fraction: number;
    /**
     * is the file uploaded
     */
    arrived: boolean;
    rowsDone: number;
    rowsTotal: number | null;
    /**
     * the finished job
     */
    job: Job | null;
    /**
     * why there is no news for the moment
     */
    late: Failure | null;
    problem: Failure | null;
};
export type Action = {
    type: "sending";
    phase: Phase;
    more?: Partial<Item>;
} | News;
import type { JobRow } from "./types.js";
import type { Job } from "./types.js";
import type { Failure } from "./types.js";
import type { News } from "./watch.js";
