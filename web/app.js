// The page: wires the pad, pictures, samples, sign-in and the API to the result.

import { Around } from "./around.js";
import { CognitoAuth } from "./auth.js";
import { createClient, Uploads } from "./client/index.js";
import { Code } from "./code.js";
import { readConfig } from "./config.js";
import { Feedback } from "./feedback.js";
import { capitalize, describeNumbers, Numbers } from "./numbers.js";
import { Pad } from "./pad.js";
import { fileOf, readPicture } from "./picture.js";
import { Predictor } from "./predictor.js";
import { valueOf } from "./problem.js";
import { Result } from "./result.js";
import { SAMPLES } from "./samples.js";
import { paint } from "./strokes.js";
import { UploadsView } from "./uploads-view.js";

const DRAWING = "inferstack.drawing"; // a drawing outlives the way to the sign-in pages and back

const element = (id) => document.getElementById(id);
const pad = new Pad(element("pad"));
const result = new Result(element("result"));
const code = new Code(element("code"), (text) => result.say(text), async () => (await ready).auth.token());
const ready = connect();
const feedback = new Feedback(element("feedback"), async (id, label) => valueOf(await (await ready).client.feedback(id, label)), (text) => result.say(text));
const around = new Around({ ready, again: askAgain, say: (text) => result.say(text) });
const numbers = new Numbers(element("numbers"), predictNow);
const predictor = new Predictor(async (signal) => {
  const { client } = await ready;
  const asked = numbers.active ? describeNumbers(numbers.values, numbers.features) : undefined;
  if (numbers.active) code.show({ instance: numbers.values });
  const sent = numbers.active ? numbers.toBlob() : await pad.toBlob();
  const started = performance.now();
  const answer = valueOf(await client.predict(sent, { pixels: true, signal }));
  return { answer, latencyMs: performance.now() - started, sent, asked };
}, (state) => {
  result.show(state);
  if (state.kind === "answer") around.show(state);
  if (!numbers.active) feedback.show(state.kind === "answer" ? state.answer : null, result.labels);
});

async function connect() {
  const config = await readConfig().catch((error) => {
    if (error.config) code.show({ config: error.config }); // a page cannot sign a request, a program can
    throw error;
  });
  code.show({ config });
  element("stage").textContent = config.stage;
  element("stage").hidden = !config.stage || config.stage === "prod";
  const auth = config.auth.kind === "jwt" ? new CognitoAuth(config.auth, new URL("./", location.href).href) : null;
  const token = auth ? (options) => auth.token(options) : undefined;
  return { client: createClient({ ...config, token }), auth, config };
}

/** Show what the pad holds, in words and in what surrounds it. */
function describePad() {
  element("frame").classList.toggle("empty", pad.empty);
  const strokes = pad.strokes.length;
  const words = pad.empty ? "empty" : strokes ? `${strokes} ${strokes === 1 ? "stroke" : "strokes"}` : "a picture";
  element("pad").setAttribute("aria-label", `Drawing area: ${words}`);
}

function predictNow() {
  if (numbers.active) return numbers.check() && predictor.now();
  if (!pad.empty) return predictor.now();
  predictor.reset();
  return result.say("Nothing to read yet: draw a digit, choose a picture or try a sample.");
}

/** Take a file that was chosen, dropped or pasted, unless something newer came while it was decoded. */
async function takeFile(file) {
  if (!file || numbers.active) return;
  predictor.hold();
  const turn = pad.newTurn();
  try {
    const { bitmap, blob } = await readPicture(file);
    if (turn !== pad.turn) return;
    pad.setPicture(bitmap, blob);
    describePad();
    predictor.now();
  } catch (error) {
    if (turn === pad.turn) predictor.refuse(error);
  }
}

/** Ask again what is kept: a picture as a file, numbers in their fields. */
async function askAgain({ body }) {
  if (body.type.startsWith("image/")) return takeFile(new File([body], "the picture", { type: body.type }));
  numbers.setValues(JSON.parse(await body.text()).instances[0]);
  return predictNow();
}

function trySample(strokes) {
  pad.setStrokes(strokes, { written: true });
  describePad();
  predictor.now();
}

function wirePad() {
  pad.addEventListener("start", () => {
    predictor.hold();
    describePad();
  });
  pad.addEventListener("change", () => {
    describePad();
    if (pad.empty) predictor.reset();
    else predictor.soon();
  });
  element("undo").addEventListener("click", () => pad.undo());
  element("clear").addEventListener("click", () => pad.clear());
  element("predict").addEventListener("click", predictNow);
  element("retry").addEventListener("click", predictNow);
  addEventListener("keydown", (event) => {
    if (numbers.active) return;
    if (event.key === "Escape") pad.clear();
    else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) pad.undo();
    else return;
    event.preventDefault();
  });
  addEventListener("online", () => result.unreachable && predictNow());
}

function wireFiles() {
  element("file").addEventListener("change", (event) => {
    takeFile(event.target.files[0]);
    event.target.value = ""; // so that the same file can be chosen again
  });
  addEventListener("paste", (event) => takeFile(fileOf(event.clipboardData)));
  const over = (on) => element("frame").classList.toggle("dropping", on);
  const elsewhere = (event) => element("drop").contains(event.target); // uploads have a place of their own
  addEventListener("dragover", (event) => {
    event.preventDefault(); // or the browser would open the file in place of the page
    over(!elsewhere(event));
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && over(false));
  addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (!elsewhere(event)) takeFile(fileOf(event.dataTransfer));
  });
}

function wireSamples() {
  const buttons = SAMPLES.map((strokes, digit) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sample" });
    button.setAttribute("aria-label", `Try a handwritten ${digit}`);
    const canvas = Object.assign(document.createElement("canvas"), { width: 72, height: 72 });
    button.append(canvas);
    button.addEventListener("click", () => trySample(strokes));
    return button;
  });
  element("samples").replaceChildren(...buttons);
  const draw = () => {
    for (const [digit, button] of buttons.entries()) {
      const context = button.firstChild.getContext("2d");
      context.clearRect(0, 0, 72, 72);
      paint(context, SAMPLES[digit], 72, getComputedStyle(button).color);
    }
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

function signIn(auth) {
  sessionStorage.setItem(DRAWING, JSON.stringify(pad.strokes));
  auth.signIn().catch((error) => predictor.refuse(error));
}

/** Take files from the first moment on; they go out when the page knows where to. */
function wireUploads() {
  const client = ready.then((connected) => connected.client);
  const speak = { say: (text) => result.say(text), alert: (text) => (element("alert").textContent = text) };
  return new UploadsView((changed) => new Uploads(client, changed), { ...speak, signIn: async () => signIn((await ready).auth) });
}

async function wireAccount() {
  const { client, auth } = await ready;
  if (auth) {
    for (const id of ["sign-in", "problem-sign-in"]) element(id).addEventListener("click", () => signIn(auth));
    element("sign-out").addEventListener("click", () => around.forget().finally(() => auth.signOut()));
    await finishSignIn(auth);
    element("sign-in").hidden = auth.signedIn;
    element("sign-out").hidden = !auth.signedIn;
  }
  if (auth && !auth.signedIn) return;
  await Promise.all([showHistory(auth), introduceModel(client), uploads.load()]);
}

async function showHistory(auth) {
  const token = auth ? await auth.token() : null;
  if (token || !auth) await around.showHistory(token);
}

async function finishSignIn(auth) {
  const query = new URLSearchParams(location.search);
  if (!query.has("code") && !query.has("error")) return;
  history.replaceState(null, "", location.pathname); // a code works once: keep it out of reloads and bookmarks
  const drawing = JSON.parse(sessionStorage.getItem(DRAWING) ?? "[]");
  sessionStorage.removeItem(DRAWING);
  if (drawing.length) {
    pad.setStrokes(drawing);
    describePad();
  }
  await auth.finish(query);
  if (drawing.length) predictor.now();
}

/** Ask which model answers: it fills the facts before the first drawing, and wakes an endpoint that sleeps. */
async function introduceModel(client) {
  const { ok, value: model } = await client.model();
  if (!ok) return; // a prediction meets the same problem and shows it
  if (model.input?.features?.length) takeNumbers(model);
  if (Array.isArray(model.labels) && model.labels.length) result.setLabels(model.labels);
  result.setModel(model);
  around.showModel(model);
}

/** Be a form instead of a drawing pad: the model takes numbers. */
function takeNumbers({ input: { features }, output }) {
  numbers.setFeatures(features);
  document.body.dataset.input = "numbers";
  document.title = `${capitalize(output.target)} · Inferstack`;
  element("title").textContent = `Predict the ${output.target}`;
  element("lead").textContent = "The answer comes when you press Enter.";
  element("uploads-title").textContent = "Upload a batch";
  element("upload-kinds").textContent = "A batch as CSV, JSON Lines or npy, a row for each answer";
  element("no-cards").textContent = "For a batch, the page shows the range of the values; each row’s answer is in the file.";
  result.setTarget(output);
  code.show({ instance: features.map(() => 1) });
}

wirePad();
wireFiles();
wireSamples();
describePad();
const uploads = wireUploads();
ready.then(wireAccount).catch((error) => predictor.refuse(error));
