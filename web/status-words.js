// What an operator reads of each part of GET /status: a mood, a word and sentences. Nothing here touches the page.

import { capitalizeSentence, count, moment } from "./words.js";

// How a part is: "good" needs nothing, "busy" ends by itself, "bad" needs somebody.
const ENDPOINT_STATES = {
  InService: ["good", "In service"],
  Creating: ["busy", "Starting"],
  Updating: ["busy", "Changing over"],
  SystemUpdating: ["busy", "Being maintained"],
  RollingBack: ["busy", "Rolling back"],
  Deleting: ["bad", "Being deleted"],
  Failed: ["bad", "Failed"],
  UpdateRollbackFailed: ["bad", "Rollback failed"],
  OutOfService: ["bad", "Out of service"],
};
const ALARM_STATES = { OK: ["good", "OK"], ALARM: ["bad", "Raised"], INSUFFICIENT_DATA: ["busy", "No data yet"] };
export const PARTS = { endpoint: "Endpoint", models: "Model", uploads: "Uploads", alarms: "Alarms", jobs: "Newest jobs" };

/** 40 → "40 s", 130 → "2 min", 7300 → "2 h". */
export function age(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export function describeEndpoint({ state, kind, deployed_at: at, reason, variants }) {
  const [mood, word] = ENDPOINT_STATES[state] ?? ["bad", state];
  const runsOn = { serverless: "Serverless: nothing runs until it is asked, and the first answer after a quiet time takes longer.", cpu: "Instances that always run.", gpu: "Instances with a GPU that always run." }[kind];
  const lines = [runsOn, ...variants.map((each) => describeVariant(each, variants)), `Last deployed ${moment(at)}.`];
  return { mood, word, lines: reason ? [capitalizeSentence(reason), ...lines] : lines };
}

function describeVariant({ name, weight, instances, wanted_instances: wanted, max_at_once: most, kept_ready: ready, memory_mb: memory }, all) {
  const total = all.reduce((sum, each) => sum + each.weight, 0);
  const share = all.length > 1 && total > 0 ? `${name}, ${Math.round((weight / total) * 100)} % of the requests: ` : "";
  if (instances !== undefined) return `${share}${instances === wanted ? `${count(instances, "instance")}.` : `${instances} of ${count(wanted, "instance")}.`}`;
  return `${share || "Answers "}up to ${count(most, "request")} at once, with ${memory / 1024} GB each${ready ? `; ${ready} kept ready` : ""}.`;
}

const nameVersion = (version) => (version === null ? "the deployment’s own model" : `version ${version}`);

/** `manifest` is what the model that answers says of itself, where somebody asked it. */
export function describeModels({ variants, approved, is_newest: isNewest }, manifest) {
  const serving = variants.length === 1 ? [capitalizeSentence(`${nameVersion(variants[0].version)} serves`)] : variants.map(({ name, version }) => `${name}: ${nameVersion(version)}.`);
  const newest = approved ? `Newest approved: version ${approved.version}, ${moment(approved.approved_at)}${approved.why ? `, “${approved.why}”` : ""}.` : "No version is approved.";
  const named = manifest?.version ? [`It answers as ${manifest.name} ${manifest.version}.`] : [];
  return isNewest
    ? { mood: "good", word: "Newest", lines: [...serving, ...named, newest] }
    : { mood: "busy", word: "Not the newest", lines: [...serving, ...named, newest, "A rollout is under way, or was rolled back."] };
}

export function describeUploads({ waiting, in_progress: busy, dead_letters: dead, oldest_s: oldest }) {
  if (!(waiting || busy || dead)) return { mood: "good", word: "Nothing waits", lines: ["None waits, and none has failed for good."] };
  const lines = [
    waiting ? `${count(waiting)} waiting${oldest === null ? "" : `, the oldest in the queue for ${age(oldest)}`}.` : "None waits.",
    busy ? `${count(busy)} being worked on.` : "",
    dead ? `${count(dead)} failed for good: see “A dead letter” in the operator’s guide.` : "None has failed for good.",
  ].filter(Boolean);
  if (dead) return { mood: "bad", word: count(dead, "dead letter"), lines };
  return { mood: "busy", word: waiting ? `${count(waiting)} waiting` : `${count(busy)} being worked on`, lines };
}

export function describeAlarms({ alarms, missing }) {
  const raised = alarms.filter(({ state }) => state === "ALARM");
  const lines = missing.length ? [`CloudWatch does not know ${missing.join(", ")}.`] : [];
  if (raised.length) return { mood: "bad", word: `${raised.length} raised`, lines };
  return { mood: missing.length ? "bad" : "good", word: missing.length ? `${missing.length} missing` : `None of ${alarms.length} raised`, lines };
}

export const describeAlarm = ({ state }) => ALARM_STATES[state] ?? ["busy", state];

/** A part by its name; one that could not be read says so. */
export function describePart(name, status, manifest) {
  const part = status[name];
  if (!part) return { mood: "bad", word: "Not known", lines: [capitalizeSentence(status.unread.find((each) => each.part === name)?.detail ?? "it was not told")] };
  return { endpoint: describeEndpoint, models: describeModels, uploads: describeUploads, alarms: describeAlarms, jobs: describeJobs }[name](part, manifest);
}

function describeJobs({ newest, is_complete: isComplete }) {
  const lines = [newest.length ? "" : "None yet.", isComplete ? "" : "There are too many callers or dropped files to look at all of them: newer jobs of others may be missing."].filter(Boolean);
  return { mood: "good", word: "", lines };
}

/** All of it in one line, for a glance: [mood, sentence]. */
export function summarize(status) {
  const parts = Object.keys(PARTS).map((name) => [name, describePart(name, status)]);
  const named = (mood) => parts.filter(([, part]) => part.mood === mood).map(([name, { word }]) => `${PARTS[name].toLowerCase()}: ${word.charAt(0).toLowerCase()}${word.slice(1)}`);
  const bad = named("bad");
  const busy = named("busy");
  if (bad.length) return ["bad", `Needs a look: ${bad.join("; ")}.`];
  return busy.length ? ["busy", `Nothing is wrong. Under way: ${busy.join("; ")}.`] : ["good", "All is well."];
}
