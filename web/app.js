// The page: what goes in, who answers, and where it is shown. Each room has a module of its own.

import { Account } from "./account.js";
import { Around } from "./around.js";
import { CognitoAuth } from "./auth.js";
import { createClient } from "./client/index.js";
import { createUploads } from "./client/uploads.js";
import { Code } from "./code.js";
import { hasChanged, readConfig } from "./config.js";
import { bringIntoSight } from "./dom.js";
import { describePad, wireDrawing, wireSamples } from "./drawing.js";
import { fetchPhoto, makeDigitBatch, makeNumberBatch } from "./examples.js";
import { Feedback } from "./feedback.js";
import { readOwner } from "./history.js";
import { wireIntake } from "./intake.js";
import { forgetInput, keepInput } from "./kept.js";
import { NumberForm } from "./number-form.js";
import { capitalize, hasCategories, listExamples, toInstance, toNoun } from "./numbers.js";
import { followLinks, readRecipe } from "./permalink.js";
import { fromText, readPicture, toText } from "./picture.js";
import { Predictor } from "./predictor.js";
import { Problem, createOffline, createOlder, mayBeOfAge, valueOf } from "./problem.js";
import { predict, readDigits } from "./reading.js";
import { chooseRecipe, isOf, openElsewhere, showChoice } from "./recipes.js";
import { Result } from "./result.js";
import { isOperator, StatusView } from "./status.js";
import { readClaims } from "./token.js";
import { UploadsView } from "./uploads-view.js";

const element = (id) => document.getElementById(id);
const alertAll = (text) => (element("alert").textContent = text);
const takesNumbers = () => document.body.dataset.input === "numbers";
const takesPhotos = () => document.body.dataset.input === "photos";
const takesDrawings = () => !takesNumbers() && !takesPhotos();
const answersClass = () => !takesNumbers() || document.body.dataset.answer === "class";

const result = new Result(element("result"));
const code = new Code(element("code"), (text) => result.say(text), async () => (await ready).auth.token());
const ready = connect();
const feedback = new Feedback(element("feedback"), async (id, label) => valueOf(await (await ready).client.feedback(id, label)), (text) => result.say(text));
result.onChoose = (answer, index) => feedback.show(answer, result.labels, index);
const around = new Around({ ready, again: askAgain, say: (text) => result.say(text) });
const form = new NumberForm(element("numbers"), () => predictor.now(), alertAll);
const predictor = new Predictor((signal) => ask(signal).catch(blameAge), show);
const pad = wireDrawing(predictor, takesDrawings);
const account = new Account(predictor, () => Promise.all([around.forget(), uploads.forget(), forgetInput()]), async () => (await ready).isOlder());
const uploads = wireUploads();
const entered = ready.then(({ auth }) => account.enter(auth));
entered.catch(() => {}); // start() shows what goes wrong
let before = null; // what stood here when this tab left the page
let introduced = null; // ends when the model has said what it takes and answers, or has failed to
const status = new StatusView({ ask: () => askStatus().catch(blameAge), say: (text) => result.say(text), signIn: async () => account.leave((await ready).auth) });

async function connect() {
  const wanted = readRecipe();
  let opened;
  const config = await readConfig().then((read) => {
    opened = read;
    showChoice(read, wanted);
    return chooseRecipe(read, wanted);
  }).catch((error) => {
    document.body.dataset.input = "pictures"; // a problem needs a place to be shown, too
    if (error.config) code.show({ config: error.config }); // a page cannot sign a request, a program can
    throw error;
  });
  document.body.dataset.input = config.input;
  if (config.input === "numbers") introduceForm();
  if (config.input === "photos") takePhotos();
  predictor.live = config.live;
  code.show({ config });
  element("stage").textContent = config.stage;
  element("stage").hidden = !config.stage || config.stage === "prod";
  const auth = config.auth.kind === "jwt" ? new CognitoAuth(config.auth, new URL("./", location.href).href) : null;
  const token = auth ? (options) => auth.token(options) : undefined;
  return { client: createClient({ ...config, model: config.base ? config.recipe : undefined, token }), auth, config, isOlder: () => hasChanged(opened) };
}

/** Throw what went wrong, or that the page is older than the deployment, where that is why. */
async function blameAge(error) {
  throw mayBeOfAge(error) && (await (await ready).isOlder()) ? createOlder() : error;
}

/** Ask about what the page holds; without a signal it is a guess, which is not worth a second look at several digits. */
async function ask(signal) {
  const { client } = await ready;
  if (takesNumbers()) {
    const asked = form.describe();
    code.show({ instance: form.instance });
    return { ...(await predict(client, form.toBlob(), signal, "")), asked };
  }
  const blob = await pad.toBlob();
  const answered = await (takesPhotos() ? predict(client, blob, signal, "seen") : signal ? readDigits(client, blob, signal) : predict(client, blob));
  await introduced; // the probabilities' names come with the model
  return answered;
}

function show(state) {
  result.show(state);
  if (state.kind === "answer") around.show({ ...state, asked: state.asked?.words });
  if (state.kind === "answer" && !takesNumbers()) {
    code.show({ digits: state.page && "all" });
    code.offer(state.sent);
  }
  if (state.problem?.code === "sign-in") ready.then(({ auth }) => auth && account.offer(auth));
  if (state.page) return; // each of its digits is asked about when it is looked at
  if (state.kind === "answer" && hasCategories(form.features)) bringIntoSight(element("headline")); // a form may be longer than a screen
  feedback.show(state.kind === "answer" && answersClass() ? state.answer : null, result.labels);
}

function predictNow() {
  if (takesNumbers()) return form.features.length ? form.check() && predictor.now() : introduceModel();
  if (!pad.empty) return predictor.now();
  predictor.reset();
  return result.say(`Nothing to read yet: ${takesPhotos() ? "" : "draw a digit, "}choose a picture or try an example.`);
}

/** Ask about what stands here, after a problem that is over. */
const askOrReset = () => (pad.empty && !takesNumbers() ? predictor.reset() : predictNow());

/** Take files that came in anywhere: one picture is read here and now, anything else becomes a job. A newer file, or a drawing, goes first. */
async function take(files, folders) {
  predictor.hold();
  const turn = pad.newTurn();
  try {
    const picture = takesNumbers() || files.length !== 1 ? null : await readPicture(files[0]);
    if (turn !== pad.turn) return;
    if (!picture) {
      if (result.isProblem) askOrReset(); // of a file before this one
      return uploads.add(files, folders, { show: true });
    }
    const text = await toText(picture.blob);
    if (turn !== pad.turn) return;
    pad.setPicture(picture.bitmap, picture.blob, text);
    describePad(pad);
    predictor.now();
  } catch (error) {
    if (turn === pad.turn) predictor.refuse(error);
  }
  bringIntoSight(element("headline")); // where the answer, or what is wrong, stands
}

/** Ask again what is kept: a picture as a file, numbers in their fields. */
async function askAgain({ body }) {
  if (body.type.startsWith("image/")) return take([new File([body], "the picture", { type: body.type })], []);
  await introduced; // the fields come with the model
  form.setInstance(JSON.parse(await body.text()).instances[0]);
  return predictNow();
}

function trySample(strokes) {
  pad.setStrokes(strokes, { written: true });
  describePad(pad);
  predictor.now();
}

function wireExamples() {
  const offer = (id, make) => element(id).addEventListener("click", async () => {
    try {
      await make();
    } catch (error) {
      predictor.refuse(error);
    }
  });
  offer("try-photo", async () => take([await fetchPhoto(takesPhotos())], []));
  offer("try-batch", () => uploads.add([makeDigitBatch()], [], { show: true }));
  offer("try-rows", () => uploads.add([makeNumberBatch(form.features)], [], { show: true }));
}

function wireNetwork() {
  addEventListener("offline", () => predictor.refuse(createOffline()));
  addEventListener("online", () => result.unreachable && askOrReset());
}

/** Take files from the first moment on; they go out when the page knows where to. */
function wireUploads() {
  const client = ready.then((connected) => connected.client);
  const speak = { say: (text) => result.say(text), alert: alertAll, refuse: (error) => predictor.refuse(error) };
  const isOfAge = async (problem) => {
    const found = await blameAge(problem).catch((error) => error);
    if (found.code === "older") predictor.refuse(found);
    return found.code === "older";
  };
  const listResults = async (id) => {
    const job = await (await client).job(id);
    return (job.ok && job.value.results) || []; // addresses that were signed run out
  };
  return new UploadsView((changed) => createUploads(client, changed), { ...speak, isOfAge, listResults, listLabels: () => result.labels, signIn: async () => account.leave((await ready).auth), added: () => code.show({ isUpload: true }) });
}

/** Ask which model answers: it fills the facts before the first drawing, and wakes an endpoint that sleeps. */
async function introduceModel() {
  const { client } = await ready;
  try {
    const model = valueOf(await client.model());
    if (model.input?.features?.length) takeNumbers(model);
    if (Array.isArray(model.labels) && model.labels.length) result.setLabels(model.labels);
    result.setModel(model);
    around.showModel(model);
    status.setModel(model);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (takesNumbers()) predictor.refuse(error); // where there is no form yet, nothing else would meet the problem
  }
}

/** Show photos in place of a drawing pad: the model takes pictures that nobody draws. */
function takePhotos() {
  element("title").textContent = "What is in the picture?";
  document.title = "What is in the picture? · Inferstack";
  document.querySelector("meta[name=description]").content = "Choose a photo and see what the model makes of it.";
  element("lead").textContent = "Choose a photo, or drop or paste one anywhere.";
  element("hint").textContent = "Choose a photo";
  element("upload-kinds").textContent = "A photo as PNG, JPEG, WebP, GIF, BMP or TIFF; a batch as a zip of photos, or their values as npy, idx, CSV or JSON Lines";
  element("no-cards").textContent = "A zip of photos is counted by answer, and each photo’s answer is yours to download.";
  element("pad").addEventListener("click", () => element("file").click());
  pad.isFixed = true;
  describePad(pad);
  result.rank();
  code.show({ isPhoto: true });
}

/** Until the model has said what it takes. */
function introduceForm() {
  element("title").textContent = "Predict a number";
  element("lead").textContent = "Asking the model what it takes.";
}

/** Be a form instead of a drawing pad: the model takes numbers. */
function takeNumbers(model) {
  const { input: { features }, output } = model;
  document.body.dataset.input = "numbers";
  document.body.dataset.answer = output.kind === "classification" ? "class" : "value";
  const isFirst = !form.features.length;
  form.setFeatures(features);
  if (isFirst && before?.length === features.length) form.setInstance(before);
  document.title = `${capitalize(output.target)} · Inferstack`;
  element("title").textContent = `Predict the ${toNoun(output.target)}`;
  element("lead").textContent = hasCategories(features) ? "Choose and enter what is known, then predict." : "Enter what is known, and press Enter.";
  element("uploads-title").textContent = "Upload a batch";
  element("upload-kinds").textContent = hasCategories(features) ? "A batch as CSV or JSON Lines, a row for each answer, its columns named" : "A batch as CSV, JSON Lines or npy, a row for each answer";
  element("no-cards").textContent = `For a batch, the page ${answersClass() ? "counts the answers" : "shows the range of the values"}; each row’s answer is in the file.`;
  element("try-rows").hidden = makeNumberBatch(features) === null;
  result.setTarget(output);
  if (result.isProblem) predictor.reset(); // it was that the model had not answered
  code.show({ instance: toInstance(hasCategories(features) ? listFirst(features) : features.map(({ range }) => range?.[0] ?? 1), features) });
}

/** A row to begin with: an example, or where there is none any numbers. */
const listFirst = (features) => listExamples(features)[0] ?? features.map(({ values, range }) => values?.[0] ?? range?.[0] ?? 1);

async function askStatus() {
  await entered; // a sign-in that comes back ends first
  const { client, config } = await ready;
  return valueOf(await client.call(config.base ? `/status?recipe=${config.recipe}` : "/status"));
}

/** Show what this browser keeps for who is here, and the jobs that they made. */
async function showKept(auth) {
  const token = auth ? await auth.token() : null;
  if (!token && auth) return uploads.load(null);
  const owner = readOwner(token);
  const { config } = await ready;
  await Promise.all([around.showHistory(owner), uploads.load(owner, (kept) => isOf(config, kept), config.recipe)]);
}

/** What stands here: the numbers as they are written, the drawing, or the picture. Until there is a form, what was kept stays. */
const readInput = () => (!takesNumbers() ? pad.kept : form.features.length ? form.texts : before);

/** Put back the drawing or the picture that who is here left in this tab, unless there is a newer one; whether there was one. */
async function restoreInput(auth, recipe) {
  before = keepInput(recipe, readOwner(await auth?.token()), readInput);
  if (takesNumbers() || !pad.empty || !before?.length) return false;
  if (typeof before[0] === "string") {
    const picture = await readPicture(fromText(before[0])).catch(() => null);
    if (!picture || !pad.empty) return false;
    pad.setPicture(picture.bitmap, picture.blob, before[0]);
  } else pad.setStrokes(before);
  describePad(pad);
  return true;
}

async function start() {
  const { auth, client, config } = await ready;
  const restored = entered.catch(() => {}).then(() => restoreInput(auth, config.recipe)); // also where the sign-in failed
  const mayAsk = await entered;
  if ((await restored) && mayAsk) predictor.now();
  if (mayAsk) status.offer(!auth || isOperator(readClaims(await auth.token())));
  followLinks(async (id) => { if (!config.base || !(await openElsewhere({ client, config }, id))) uploads.open(id); }); // who must sign in first is told so in the job's card
  if (mayAsk) await Promise.all([showKept(auth), (introduced = introduceModel())]);
}

element("predict").addEventListener("click", predictNow);
element("retry").addEventListener("click", () => (result.isOlder ? location.reload() : predictNow()));
wireIntake({ take, upload: (files, folders) => uploads.add(files, folders) });
wireSamples(trySample);
wireExamples();
wireNetwork();
start().catch((error) => predictor.refuse(error));
