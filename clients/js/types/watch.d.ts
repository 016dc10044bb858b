/**
 * Watch a job until it is done or `stop()`. Where it is not due, nothing is asked before `arrive()`.
 * @param {{ id: string, channel?: string }} job
 * @param {{ job: (id: string) => Promise<Result<Job>>, events: Events | null }} client
 * @param {(news: News) => void} show  "late": it is asked again; "problem": it is not
 */
export function watchJob({ id, channel }: {
    id: string;
    channel?: string;
}, client: {
    job: (id: string) => Promise<Result<Job>>;
    events: Events | null;
}, show: (news: News) => void, isDue?: boolean): {
    arrive: () => void;
    hurry: () => void;
    stop: () => void;
};
export function isFinal(state: string): state is "failed" | "succeeded";
export type News = {
    type: "event";
    event: JobEvent;
} | {
    type: "job";
    job: Job;
} | {
    type: "late";
    problem: Failure;
} | {
    type: "problem";
    problem: Failure;
};
export type Watch = ReturnType<typeof watchJob>;
import type { Job } from "./types.js";
import type { Result } from "./types.js";
import type { Events } from "./events.js";
import type { JobEvent } from "./types.js";
import type { Failure } from "./types.js";
