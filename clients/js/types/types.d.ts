/**
 * What went wrong, as a value. `code` is for programs, the words are for people.
 */
export type Failure = {
    code: FailureCode;
    /**
     * in a few words
     */
    title: string;
    /**
     * what, got and expected
     */
    detail: string;
    /**
     * what to do about it; empty where nobody knows
     */
    advice: string;
    /**
     * of HTTP; 0 where no answer came
     */
    status: number;
    /**
     * the same call may succeed later
     */
    isTemporary: boolean;
    /**
     * seconds after which it is worth calling again without asking anybody; null where it is not
     */
    retryAfterS: number | null;
    /**
     * with it an operator finds the log line; empty where nobody gave one
     */
    requestId: string;
    /**
     * of `wait`: the job that failed, with its summary and results
     */
    job?: Job | undefined;
};
/**
 * The API's own codes (docs/http-api.md), a failed job's, and this client's; a newer service may have others.
 */
export type FailureCode = ServiceCode | JobCode | ClientCode | (string & {});
export type ServiceCode = "malformed" | "forbidden" | "not-found" | "conflict" | "too-large" | "unsupported-type" | "blank-image" | "wrong-shape" | "not-a-number" | "out-of-range" | "invalid-input" | "too-many-requests" | "internal" | "endpoint-failed" | "endpoint-error" | "endpoint-starting" | "endpoint-busy" | "endpoint-timeout";
export type JobCode = "not-readable" | "function-stopped" | "gave-up" | "transform-failed" | "expired";
export type ClientCode = "aborted" | "unreachable" | "timeout" | "unreadable-answer" | "unforeseen" | "sign-in" | "unauthorized" | "forbidden" | "throttled" | "gateway-failed" | "no-uploads" | "empty-file" | "upload-broken" | "upload-expired" | "upload-refused";
/**
 * Every call's answer: `ok` tells which it is.
 */
export type Result<T> = {
    ok: true;
    value: T;
} | {
    ok: false;
    error: Failure;
};
/**
 * Where the API is and how to ask it; a page's config.json is one, but for `token`.
 */
export type Settings = {
    apiUrl: string;
    /**
     * the recipe's name, where the deployment has several; without it, the default is asked
     */
    model?: string | undefined;
    /**
     * where the API asks who calls
     */
    token?: GetToken | undefined;
    /**
     * where events are pushed; without it, `wait` polls
     */
    events?: PushSettings | null | undefined;
    /**
     * a larger file is refused before it is sent; without it, the API refuses it
     */
    maxUploadBytes?: number | undefined;
};
/**
 * Gives the caller's access token, or null when nobody is signed in. `forceRefresh` is true when the last one was refused.
 */
export type GetToken = (options: {
    forceRefresh: boolean;
}) => string | null | undefined | Promise<string | null | undefined>;
export type PushSettings = {
    /**
     * the output EventsUrl
     */
    url: string;
    /**
     * the output EventsRealtimeUrl; by default what belongs to `url`
     */
    realtimeUrl?: string | undefined;
    /**
     * `{kind: "jwt"}` uses `token`; `{kind: "apiKey", apiKey}`; browsers cannot sign, so `iam` polls
     */
    auth: {
        kind: string;
        apiKey?: string;
    };
};
/**
 * A picture or another file's bytes, a form of several, or numbers or rows: an instance, a list of them, or a body as the API takes it.
 */
export type Input = Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | FormData | Numbers | Row | Row[] | {
    instances: Numbers | Row[];
};
/**
 * of a table, by its columns' names
 */
export type Row = {
    [column: string]: number | string | boolean | null;
};
export type Numbers = number[] | number[][] | number[][][];
/**
 * x, y, width and height in pixels
 */
export type Box = [number, number, number, number];
export type Note = {
    code: string;
    detail: string;
    advice?: string;
};
/**
 * one of those that the manifest lists
 */
export type Label = number | string;
export type Prediction = {
    /**
     * of a recipe that classifies
     */
    label: Label;
    probability: number;
    probabilities: number[];
    /**
     * of a model that can tell a digit from what is none
     */
    trust?: number | undefined;
    verdict?: "certain" | "unsure" | "not a digit" | undefined;
    /**
     * of a recipe of numbers, in place of all before it
     */
    value?: number | null | undefined;
    name?: string | undefined;
    /**
     * more than one stand in the picture: ask with `digits: "all"`
     */
    digits_found?: number | undefined;
    /**
     * pieces of ink beside the one digit that were not read, as a minus or a line under it
     */
    marks_found?: number | undefined;
    /**
     * columns of a table whose text the model does not know
     */
    unknown_categories?: string[] | undefined;
    /**
     * from 1
     */
    picture?: number | undefined;
    box?: Box | undefined;
    /**
     * from 1
     */
    line?: number | undefined;
    after?: "" | "gap" | "mark" | "point" | "minus" | "slash" | "colon" | "equals" | undefined;
    before?: "" | "gap" | "mark" | "point" | "minus" | "slash" | "colon" | "equals" | undefined;
    pixels?: number[] | undefined;
    /**
     * a data: URL of a PNG
     */
    seen?: string | undefined;
};
export type Answer = {
    predictions: Prediction[];
    model: {
        name: string;
        version: string;
        variant: string;
    };
    /**
     * what to give feedback with
     */
    id: string;
    request_id: string;
    pictures?: {
        name?: string;
        width: number;
        height: number;
        unread: Box[];
    }[] | undefined;
    notes?: Note[] | undefined;
};
export type JobState = "waiting" | "processing" | "succeeded" | "failed";
export type JobHead = {
    id: string;
    state: JobState;
    name: string;
    /**
     * whose upload it is, where the deployment has several
     */
    recipe?: string | undefined;
    created_at: string;
    status_url: string;
    /**
     * where its events are pushed
     */
    channel: string;
};
export type JobRow = JobHead & {
    finished_at?: string;
    rows?: number;
    failed?: number;
};
/**
 * the address is valid for minutes
 */
export type ResultFile = {
    name: string;
    url: string;
    size_bytes: number;
};
export type JobError = {
    code: string;
    title: string;
    detail: string;
    advice?: string;
};
export type Job = JobHead & {
    started_at?: string | null;
    finished_at?: string;
    summary?: Summary;
    error?: JobError;
    results?: ResultFile[];
    request_id: string;
};
export type NewJob = JobHead & {
    upload: UploadForm;
    request_id: string;
};
export type UploadForm = {
    url: string;
    fields: Record<string, string>;
    min_bytes: number;
    max_bytes: number;
    expires_at: string;
};
export type JobPage = {
    jobs: JobRow[];
    next: string | null;
    request_id: string;
};
export type Summary = {
    format?: "image" | "json" | "csv" | "jsonl" | "npy" | "npz" | "idx" | "zip" | undefined;
    rows?: number | undefined;
    succeeded?: number | undefined;
    failed?: number | undefined;
    labels?: Record<string, number> | undefined;
    verdicts?: Record<string, number> | undefined;
    values?: {
        min: number;
        median: number;
        max: number;
    } | undefined;
    /**
     * how many rows each version answered
     */
    models?: Record<string, number> | undefined;
    /**
     * the first of them
     */
    failures?: {
        row: number;
        code: string;
        detail: string;
        advice?: string;
    }[] | undefined;
    reasons?: {
        code: string;
        count: number;
        row: number;
        detail: string;
        advice?: string;
    }[] | undefined;
    processing_s?: number | undefined;
    uploaded_at?: string | undefined;
    predictions?: FoundDigit[] | undefined;
    image?: {
        width?: number;
        height?: number;
    } | undefined;
    /**
     * the largest
     */
    unread?: Box[] | undefined;
    unread_count?: number | undefined;
    notes?: Note[] | undefined;
    score?: Score | undefined;
};
export type FoundDigit = Pick<Prediction, "label" | "probability" | "probabilities" | "trust" | "verdict" | "box" | "line" | "after" | "before"> & {
    row: number;
    model?: string;
};
export type Score = {
    labelled: number;
    scored: number;
    correct?: number;
    accuracy?: number | null;
    mae?: number | null;
    r2?: number | null;
    confusion?: Record<string, Record<string, number>>;
    unknown_labels?: Record<string, number>;
};
/**
 * What is pushed about a job: how far it is, and at last how it ended. It may come twice or not at all.
 */
export type JobEvent = {
    id: string;
    state: JobState;
    name?: string | undefined;
    rows_done?: number | null | undefined;
    rows_total?: number | null | undefined;
    rows?: number | null | undefined;
    failed?: number | null | undefined;
    finished_at?: string | undefined;
};
