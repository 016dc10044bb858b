// A program with the types that openapi-typescript generated: predicts, uploads, lists. It prints what it found, as JSON.
// Arguments: the API's address, a picture, a photo of several digits.
import type { components, paths } from "./api.ts";
import { readFile } from "node:fs/promises";

type Schemas = components["schemas"];
type Path = keyof paths;
type Operation<P extends Path, M extends keyof paths[P]> = paths[P][M];
type Body<O> = O extends { requestBody: { content: infer Content } } ? Content : never;
type Answer<O> = O extends { responses: { 200: { content: { "application/json": infer Found } } } }
  ? Found
  : O extends { responses: { 201: { content: { "application/json": infer Created } } } }
    ? Created
    : never;

const [url, picture, photo] = process.argv.slice(2) as [string, string, string];

/** The answer of an operation; its problem details are thrown. */
async function call<P extends Path, M extends keyof paths[P] & string>(method: M, path: P, target: string, init: RequestInit = {}): Promise<Answer<Operation<P, M>>> {
  const response = await fetch(`${url}${target}`, { ...init, method: method.toUpperCase() });
  if (!response.ok) throw (await response.json()) as Schemas["Problem"];
  return (await response.json()) as Answer<Operation<P, M>>;
}

const post = <P extends Path>(path: P, body: Body<Operation<P, "post" & keyof paths[P]>> extends { "application/json": infer Json } ? Json : never) =>
  call<P, "post" & keyof paths[P]>("post" as "post" & keyof paths[P], path, path, { body: JSON.stringify(body), headers: { "content-type": "application/json" } });

async function upload(path: string): Promise<Schemas["Job"]> {
  const file = await readFile(path);
  const job = await post("/jobs", { name: "photo.jpg", content_type: "image/jpeg", size_bytes: file.length });
  const form = new FormData();
  for (const [name, value] of Object.entries(job.upload.fields)) form.append(name, value);
  form.append("file", new Blob([file]));
  const uploaded = await fetch(job.upload.url, { method: "POST", body: form });
  if (!uploaded.ok) throw new Error(await uploaded.text());
  for (let looks = 0; looks < 300; looks++) {
    const found = await call("get", "/jobs/{id}", job.status_url);
    if (found.state === "succeeded" || found.state === "failed") return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the job ${job.id} did not end`);
}

// @ts-expect-error  a job has a name, not a title
void (() => post("/jobs", { title: "photo.jpg" }));
// @ts-expect-error  instances are numbers
void (() => post("/predictions", { instances: [["1"]] }));

const image = await readFile(picture);
const bytes = await call("post", "/predictions", "/predictions", { body: image, headers: { "content-type": "application/octet-stream" } });
const text = await post("/predictions", { image: btoa(String.fromCharCode(...image)) });
const refused = await post("/predictions", { instances: [[1, 2, 3]] }).catch((problem: Schemas["Problem"]) => problem);
const job = await upload(photo);
const page = await call("get", "/jobs", "/jobs?limit=20");
const labels = [bytes, text].map(({ predictions: [first] }) => (first && "label" in first ? first.label : null));
console.log(JSON.stringify({ labels, refused: "type" in refused ? refused.type : null, state: job.state, rows: job.summary?.rows, is_listed: page.jobs.some(({ id }) => id === job.id) }));
