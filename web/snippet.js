// The same call from a shell, from Python and from JavaScript, for those who build on the API. Each runs as it stands.

import { writeUpload } from "./upload-snippet.js";

export const LANGUAGES = ["curl", "Python", "JavaScript"];
// All are published beside the page: one digit, a photo of several, and a picture of a thing.
const DIGIT = { name: "digit.png", type: "image/png" };
const PHOTO = { name: "example-photo.jpg", type: "image/jpeg" };
const THING = { name: "example-thing.jpg", type: "image/jpeg" };

/** The picture that a program asks about: of a thing where the model takes photos, of several digits where it reads `digits`, or uploads. */
export const chooseSample = ({ isPhoto, digits, isUpload }) => (isPhoto ? THING : digits || isUpload ? PHOTO : DIGIT);

/**
 * A program that asks this API, in one of the languages.
 * `config` is config.json's apiUrl and auth, `pageUrl` is where the samples are, `instance` a row of numbers, or null for a sample picture, of
 * which it reads each digit where `digits` is "all"; `isUpload` for a program that makes a job of a photo. Python and curl need nothing that a machine does not have; a signature by IAM takes AWS's own
 * library for it.
 */
export function writeSnippet(language, { apiUrl, auth, recipe, base = "" }, pageUrl, { instance = null, digits, isUpload = false, isPhoto = false } = {}) {
  const { name, type } = chooseSample({ isPhoto, digits, isUpload });
  if (isUpload) return writeUpload(language, { apiUrl, auth, recipe: base && recipe, ...(instance ? writeRows(instance) : { name, type, sample: `${pageUrl}${name}` }) }).join("\n");
  const url = `${apiUrl}${base}/predictions${digits ? `?digits=${digits}` : ""}`;
  const json = instance && quoteJson({ instances: [instance] });
  const call = { url, name, sample: `${pageUrl}${name}`, type: json ? "application/json" : type, json, auth };
  return { curl: writeCurl, Python: writePython, JavaScript: writeJavaScript }[language](call).join("\n");
}

/** JSON that stands between single quotes in a shell: in ASCII, and without any of them. */
const quoteJson = (value) => JSON.stringify(value).replace(/['\u007f-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A file of one row: CSV of numbers, a line of JSON of a row with names. */
const writeRows = (instance) => (Array.isArray(instance) ? { name: "rows.csv", type: "text/csv", text: instance.join(",") } : { name: "rows.jsonl", type: "application/jsonl", text: quoteJson(instance) });

function writeCurl({ url, name, sample, type, json, auth }) {
  const signIn = {
    none: [],
    jwt: [`  -H "authorization: Bearer $TOKEN" \\`],
    iam: [
      `  --aws-sigv4 "aws:amz:${auth.region}:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\`,
      `  \${AWS_SESSION_TOKEN:+-H "x-amz-security-token: $AWS_SESSION_TOKEN"} \\`,
    ],
  }[auth.kind];
  return [
    ...(json ? [] : [`curl -sSO '${sample}'`]),
    `curl '${url}' -H 'content-type: ${type}' \\`,
    ...signIn,
    json ? `  --data-binary '${json}'` : `  --data-binary @${name}`,
  ];
}

function writePython({ url, name, sample, type, json, auth }) {
  const body = json ? `body = ${json.includes("\\") ? "r" : ""}b'${json}'` : `body = urllib.request.urlopen("${sample}").read()  # or open("${name}", "rb").read()`;
  const header = `"content-type": "${type}"`;
  const read = "answer = json.load(urllib.request.urlopen(request))";
  const print = `print(answer["predictions"])`;
  if (auth.kind === "iam") {
    return [
      "import json, urllib.request",
      "from botocore.auth import SigV4Auth  # pip install botocore",
      "from botocore.awsrequest import AWSRequest",
      "from botocore.session import Session",
      "",
      body,
      `signed = AWSRequest("POST", "${url}", {${header}}, body)`,
      `SigV4Auth(Session().get_credentials(), "execute-api", "${auth.region}").add_auth(signed)`,
      "request = urllib.request.Request(signed.url, body, dict(signed.headers))",
      read,
      print,
    ];
  }
  const isSignedIn = auth.kind === "jwt";
  const headers = isSignedIn ? `{${header}, "authorization": "Bearer " + os.environ["TOKEN"]}` : `{${header}}`;
  return [`import json, ${isSignedIn ? "os, " : ""}urllib.request`, "", body, `request = urllib.request.Request("${url}", body, ${headers})`, read, print];
}

function writeJavaScript({ url, name, sample, type, json, auth }) {
  const body = json ? `const body = '${json.replaceAll("\\", "\\\\")}';` : `const body = new Uint8Array(await (await fetch("${sample}")).arrayBuffer()); // or await readFile("${name}")`;
  const header = `"content-type": "${type}"`;
  const end = ["const answer = await response.json();", "console.log(answer.predictions ?? answer);"];
  if (auth.kind === "iam") {
    return [
      `import { Sha256 } from "@aws-crypto/sha256-js"; // npm install @aws-crypto/sha256-js @smithy/signature-v4`,
      `import { SignatureV4 } from "@smithy/signature-v4";`,
      "",
      body,
      `const url = new URL("${url}");`,
      "const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;",
      `const signer = new SignatureV4({ service: "execute-api", region: "${auth.region}", sha256: Sha256, credentials: { accessKeyId, secretAccessKey, sessionToken } });`,
      `const request = { method: "POST", protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: Object.fromEntries(url.searchParams), headers: { host: url.host, ${header} }, body };`,
      "const { headers } = await signer.sign(request);",
      `const response = await fetch(url, { method: "POST", headers, body });`,
      ...end,
    ];
  }
  const headers = auth.kind === "jwt" ? `{ ${header}, authorization: \`Bearer \${process.env.TOKEN}\` }` : `{ ${header} }`;
  return [body, `const response = await fetch("${url}", { method: "POST", headers: ${headers}, body });`, ...end];
}
