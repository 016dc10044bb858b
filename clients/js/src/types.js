// The types of what the API says and of what this client answers; docs/openapi.yaml is the contract. Nothing here runs.

/**
 * What went wrong, as a value. `code` is for programs, the words are for people.
 * @typedef {object} Failure
 * @property {FailureCode} code
 * @property {string} title      in a few words
 * @property {string} detail     what, got and expected
 * @property {string} advice     what to do about it; empty where nobody knows
 * @property {number} status     of HTTP; 0 where no answer came
 * @property {boolean} isTemporary  the same call may succeed later
 * @property {number | null} retryAfterS  seconds after which it is worth calling again without asking anybody; null where it is not
 * @property {string} requestId  with it an operator finds the log line; empty where nobody gave one
 * @property {Job} [job]         of `wait`: the job that failed, with its summary and results
 */

/**
 * The API's own codes (docs/http-api.md), a failed job's, and this client's; a newer service may have others.
 * @typedef {ServiceCode | JobCode | ClientCode | (string & {})} FailureCode
 */

/** @typedef {"malformed" | "forbidden" | "not-found" | "conflict" | "too-large" | "unsupported-type" | "blank-image" | "wrong-shape" | "not-a-number" | "out-of-range" | "invalid-input" | "too-many-requests" | "internal" | "endpoint-failed" | "endpoint-error" | "endpoint-starting" | "endpoint-busy" | "endpoint-timeout"} ServiceCode */
/** @typedef {"not-readable" | "function-stopped" | "gave-up" | "transform-failed" | "expired"} JobCode */
/** @typedef {"aborted" | "unreachable" | "timeout" | "unreadable-answer" | "unforeseen" | "sign-in" | "unauthorized" | "forbidden" | "throttled" | "gateway-failed" | "no-uploads" | "empty-file" | "upload-broken" | "upload-expired" | "upload-refused"} ClientCode */

/**
 * Every call's answer: `ok` tells which it is.
 * @template T
 * @typedef {{ ok: true, value: T } | { ok: false, error: Failure }} Result
 */

/**
 * Where the API is and how to ask it; a page's config.json is one, but for `token`.
 * @typedef {object} Settings
 * @property {string} apiUrl
 * @property {string} [model]     the recipe's name, where the deployment has several; without it, the default is asked
 * @property {GetToken} [token]   where the API asks who calls
 * @property {PushSettings | null} [events]  where events are pushed; without it, `wait` polls
 * @property {number} [maxUploadBytes]  a larger file is refused before it is sent; without it, the API refuses it
 */

/**
 * Gives the caller's access token, or null when nobody is signed in. `forceRefresh` is true when the last one was refused.
 * @callback GetToken
 * @param {{ forceRefresh: boolean }} options
 * @returns {string | null | undefined | Promise<string | null | undefined>}
 */

/**
 * @typedef {object} PushSettings
 * @property {string} url            the output EventsUrl
 * @property {string} [realtimeUrl]  the output EventsRealtimeUrl; by default what belongs to `url`
 * @property {{ kind: string, apiKey?: string }} auth  `{kind: "jwt"}` uses `token`; `{kind: "apiKey", apiKey}`; browsers cannot sign, so `iam` polls
 */

/**
 * A picture or another file's bytes, a form of several, or numbers or rows: an instance, a list of them, or a body as the API takes it.
 * @typedef {Blob | ArrayBuffer | Uint8Array<ArrayBuffer> | FormData | Numbers | Row | Row[] | { instances: Numbers | Row[] }} Input
 */
/** @typedef {{ [column: string]: number | string | boolean | null }} Row  of a table, by its columns' names */
/** @typedef {number[] | number[][] | number[][][]} Numbers */
/** @typedef {[number, number, number, number]} Box  x, y, width and height in pixels */
/** @typedef {{ code: string, detail: string, advice?: string }} Note */
/** @typedef {number | string} Label     one of those that the manifest lists */

/**
 * @typedef {object} Prediction
 * @property {Label} label              of a recipe that classifies
 * @property {number} probability
 * @property {number[]} probabilities
 * @property {number} [trust]           of a model that can tell a digit from what is none
 * @property {"certain" | "unsure" | "not a digit"} [verdict]
 * @property {number | null} [value]    of a recipe of numbers, in place of all before it
 * @property {string} [name]
 * @property {number} [digits_found]    more than one stand in the picture: ask with `digits: "all"`
 * @property {number} [marks_found]     pieces of ink beside the one digit that were not read, as a minus or a line under it
 * @property {string[]} [unknown_categories]  columns of a table whose text the model does not know
 * @property {number} [picture]         from 1
 * @property {Box} [box]
 * @property {number} [line]            from 1
 * @property {"" | "gap" | "point" | "minus" | "slash" | "colon" | "equals" | "mark"} [after]
 * @property {"" | "gap" | "point" | "minus" | "slash" | "colon" | "equals" | "mark"} [before]
 * @property {number[]} [pixels]
 * @property {string} [seen]  a data: URL of a PNG
 */

/**
 * @typedef {object} Answer
 * @property {Prediction[]} predictions
 * @property {{ name: string, version: string, variant: string }} model
 * @property {string} id                what to give feedback with
 * @property {string} request_id
 * @property {{ name?: string, width: number, height: number, unread: Box[] }[]} [pictures]
 * @property {Note[]} [notes]
 */

/** @typedef {"waiting" | "processing" | "succeeded" | "failed"} JobState */

/**
 * @typedef {object} JobHead
 * @property {string} id
 * @property {JobState} state
 * @property {string} name
 * @property {string} [recipe]          whose upload it is, where the deployment has several
 * @property {string} created_at
 * @property {string} status_url
 * @property {string} channel           where its events are pushed
 */

/** @typedef {JobHead & { finished_at?: string, rows?: number, failed?: number }} JobRow */
/** @typedef {{ name: string, url: string, size_bytes: number }} ResultFile  the address is valid for minutes */
/** @typedef {{ code: string, title: string, detail: string, advice?: string }} JobError */
/** @typedef {JobHead & { started_at?: string | null, finished_at?: string, summary?: Summary, error?: JobError, results?: ResultFile[], request_id: string }} Job */
/** @typedef {JobHead & { upload: UploadForm, request_id: string }} NewJob */
/** @typedef {{ url: string, fields: Record<string, string>, min_bytes: number, max_bytes: number, expires_at: string }} UploadForm */
/** @typedef {{ jobs: JobRow[], next: string | null, request_id: string }} JobPage */

/**
 * @typedef {object} Summary
 * @property {"image" | "csv" | "json" | "jsonl" | "npy" | "npz" | "idx" | "zip"} [format]
 * @property {number} [rows]
 * @property {number} [succeeded]
 * @property {number} [failed]
 * @property {Record<string, number>} [labels]
 * @property {Record<string, number>} [verdicts]
 * @property {{ min: number, median: number, max: number }} [values]
 * @property {Record<string, number>} [models]  how many rows each version answered
 * @property {{ row: number, code: string, detail: string, advice?: string }[]} [failures]  the first of them
 * @property {{ code: string, count: number, row: number, detail: string, advice?: string }[]} [reasons]
 * @property {number} [processing_s]
 * @property {string} [uploaded_at]
 * @property {FoundDigit[]} [predictions]
 * @property {{ width?: number, height?: number }} [image]
 * @property {Box[]} [unread]           the largest
 * @property {number} [unread_count]
 * @property {Note[]} [notes]
 * @property {Score} [score]
 */

/** @typedef {Pick<Prediction, "label" | "probability" | "probabilities" | "trust" | "verdict" | "box" | "line" | "after" | "before"> & { row: number, model?: string }} FoundDigit */
/** @typedef {{ labelled: number, scored: number, correct?: number, accuracy?: number | null, mae?: number | null, r2?: number | null, confusion?: Record<string, Record<string, number>>, unknown_labels?: Record<string, number> }} Score */

/**
 * What is pushed about a job: how far it is, and at last how it ended. It may come twice or not at all.
 * @typedef {object} JobEvent
 * @property {string} id
 * @property {JobState} state
 * @property {string} [name]
 * @property {number | null} [rows_done]
 * @property {number | null} [rows_total]
 * @property {number | null} [rows]
 * @property {number | null} [failed]
 * @property {string} [finished_at]
 */

export {};
