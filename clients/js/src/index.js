// A client of Inferstack's HTTP API for pages and programs: no dependency, no build step. Every call answers with a Result, and throws nothing that the service says.

export { createClient } from "./client.js";

/** @typedef {import("./client.js").Client} Client */
/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./types.js").Failure} Failure */
/** @typedef {import("./types.js").Input} Input */
/** @typedef {import("./types.js").Job} Job */
/** @typedef {import("./types.js").JobEvent} JobEvent */
/** @typedef {import("./types.js").JobPage} JobPage */
/** @typedef {import("./types.js").JobRow} JobRow */
/** @typedef {import("./types.js").NewJob} NewJob */
/** @typedef {import("./types.js").Prediction} Prediction */
/** @typedef {import("./types.js").Settings} Settings */
/**
 * @template T
 * @typedef {import("./types.js").Result<T>} Result
 */
