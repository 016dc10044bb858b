// web/ as CloudFront serves it: HTTP/2 over TLS, compressed, with an ETag and `no-cache`, so that a second load asks and is answered 304.
// Usage: node server.mjs KEY CERTIFICATE FOLDER ANSWERS. ANSWERS is JSON of path → answer for the API, which has a port of its own.
// Prints {"page": url, "api": url} once it listens, and runs until its input ends.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { extname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const [key, cert, folder, answersFile] = process.argv.slice(2);
const answers = JSON.parse(readFileSync(answersFile, "utf8"));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json", ".jpg": "image/jpeg" };
const known = new Map();
let apiUrl = "";

/** A file's headers and bytes, compressed where that helps; null if there is none. */
function load(path) {
  if (path === "/config.json") return pack(Buffer.from(JSON.stringify({ ...answers.config, apiUrl })), ".json");
  if (!known.has(path)) {
    const file = join(folder, path === "/" ? "index.html" : path);
    known.set(path, statSync(file, { throwIfNoEntry: false })?.isFile() ? pack(readFileSync(file), extname(file)) : null);
  }
  return known.get(path);
}

function pack(content, extension) {
  const isText = extension !== ".jpg";
  const headers = { "content-type": TYPES[extension], "cache-control": "no-cache", etag: `"${createHash("md5").update(content).digest("hex")}"` };
  return { body: isText ? brotliCompressSync(content) : content, headers: { ...headers, ...(isText && { "content-encoding": "br", vary: "accept-encoding" }) } };
}

function serve(answer) {
  return new Promise((resolve) => {
    const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      const { status = 200, headers, body = "" } = answer(request);
      response.writeHead(status, headers);
      response.end(body);
    });
    server.listen(0, "127.0.0.1", () => resolve(`https://localhost:${server.address().port}`));
  });
}

apiUrl = await serve(({ method, url }) => {
  const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*", "content-type": "application/json" };
  const body = JSON.stringify(answers.api[url.split("?")[0]] ?? null);
  return method === "OPTIONS" ? { status: 204, headers } : { status: body === "null" ? 404 : 200, headers, body };
});
const page = await serve(({ url, headers }) => {
  const file = load(url.split("?")[0]);
  if (!file) return { status: 404, headers: {} };
  return headers["if-none-match"] === file.headers.etag ? { status: 304, headers: { etag: file.headers.etag, "cache-control": "no-cache" } } : file;
});
console.log(JSON.stringify({ page: `${page}/`, api: apiUrl }));
process.stdin.resume().on("end", () => process.exit());
