export class Watch {
    /**
     * Watch a job. With `due` false nothing is asked before `arrive()`.
     * @param {{ id: string, channel?: string }} job
     * @param {{ job: (id: string) => Promise<Result<Job>>, events: Events | null }} client
     * @param {(news: News) => void} show  "late": it is asked again; "problem": it is not
     */
    constructor({ id, channel }: {
        id: string;
        channel?: string;
    }, client: {
        job: (id: string) => Promise<Result<Job>>;
        events: Events | null;
    }, show: (news: News) => void, { due }?: {
        due?: boolean | undefined;
    });
    /** The file is uploaded: from now on the job may be done at any moment. */
    arrive(): void;
    /** Ask now. */
    hurry(): void;
    stop(): void;
    #private;
}
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
import type { Job } from "./types.js";
import type { Result } from "./types.js";
import type { Events } from "./events.js";
import type { JobEvent } from "./types.js";
import type { Failure } from "./types.js";
