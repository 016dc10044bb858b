// The program that uploads a photo or a batch: it makes a job, sends the file by the job's form, and asks until the answer is there.

const KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/** The lines of the program in a language; `name` and `type` are the file's, which is a sample at the address `sample`, or else `text`; `recipe` is named where the deployment has several. */
export function writeUpload(language, call) {
  return { curl: writeCurl, Python: writePython, JavaScript: writeJavaScript }[language](call);
}

/** A text in quotes; JSON stands between single ones, and has none. */
const quote = (text) => (text.includes('"') ? `'${text}'` : `"${text}"`);

function writeCurl({ apiUrl, auth, name, type, sample, text, recipe }) {
  const signIn = {
    none: "",
    jwt: ` -H "authorization: Bearer $TOKEN"`,
    iam: ` --aws-sigv4 "aws:amz:${auth.region}:execute-api" --user "$${KEYS[0]}:$${KEYS[1]}" \${${KEYS[2]}:+-H "x-amz-security-token: $${KEYS[2]}"}`,
  }[auth.kind];
  return [
    text ? `printf '%s\\n' '${text}' > ${name}` : `curl -sSO '${sample}'`,
    `ask() { curl -sSf${signIn} "$@"; }`,
    `ask '${apiUrl}/jobs' -H 'content-type: application/json' -d '{"name": "${name}", "content_type": "${type}"${recipe ? `, "recipe": "${recipe}"` : ""}}' > job.json`,
    `python3 -c '`,
    `import json`,
    `form = json.load(open("job.json"))["upload"]`,
    `for field in form["fields"].items(): print("form-string =", json.dumps("=".join(field)))`,
    `print("form =", json.dumps("file=@${name}"))  # the file comes last`,
    `print("url =", json.dumps(form["url"]))' | curl -sSf -K -`,
    `id=$(python3 -c 'import json; print(json.load(open("job.json"))["id"])')`,
    `until ask "${apiUrl}/jobs/$id" > job.json && grep -qE '"state": ?"(succeeded|failed)"' job.json; do sleep 1; done`,
    `cat job.json`,
  ];
}

function writePython({ apiUrl, auth, name, type, sample, text, recipe }) {
  const isSigned = auth.kind === "iam";
  const headers = `{"content-type": "application/json"${auth.kind === "jwt" ? `, "authorization": "Bearer " + os.environ["TOKEN"]` : ""}}`;
  const imports = isSigned
    ? ["import json, time, urllib.request, uuid", "from botocore.auth import SigV4Auth  # pip install botocore", "from botocore.awsrequest import AWSRequest", "from botocore.session import Session"]
    : [`import json, ${auth.kind === "jwt" ? "os, " : ""}time, urllib.request, uuid`];
  const request = isSigned
    ? [
        `    signed = AWSRequest("POST" if body else "GET", "${apiUrl}" + path, ${headers}, body)`,
        `    SigV4Auth(Session().get_credentials(), "execute-api", "${auth.region}").add_auth(signed)`,
        "    request = urllib.request.Request(signed.url, body, dict(signed.headers))",
      ]
    : [`    request = urllib.request.Request("${apiUrl}" + path, body, ${headers})`];
  return [
    ...imports,
    "",
    "def ask(path, body=None):",
    ...request,
    "    return json.load(urllib.request.urlopen(request))",
    "",
    text ? `file = ${text.includes("\\") ? "rb" : "b"}${quote(text)}  # or open("${name}", "rb").read()` : `file = urllib.request.urlopen("${sample}").read()  # or open("${name}", "rb").read()`,
    `job = ask("/jobs", json.dumps({"name": "${name}", "content_type": "${type}"${recipe ? `, "recipe": "${recipe}"` : ""}}).encode())`,
    "edge = uuid.uuid4().hex",
    `part = "--" + edge + '\\r\\ncontent-disposition: form-data; name="'`,
    `form = "".join(part + field + '"\\r\\n\\r\\n' + value + "\\r\\n" for field, value in job["upload"]["fields"].items())`,
    `form += part + 'file"; filename="${name}"\\r\\n\\r\\n'  # the file comes last`,
    `body = form.encode() + file + f"\\r\\n--{edge}--\\r\\n".encode()`,
    `urllib.request.urlopen(urllib.request.Request(job["upload"]["url"], body, {"content-type": "multipart/form-data; boundary=" + edge}))`,
    `while job["state"] not in ("succeeded", "failed"):`,
    "    time.sleep(1)",
    `    job = ask("/jobs/" + job["id"])`,
    `print(job["summary"] if job["state"] == "succeeded" else job["error"])`,
  ];
}

function writeJavaScript({ apiUrl, auth, name, type, sample, text, recipe }) {
  const isSigned = auth.kind === "iam";
  const header = `"content-type": "application/json"${auth.kind === "jwt" ? ", authorization: `Bearer ${process.env.TOKEN}`" : ""}`;
  const start = isSigned
    ? [
        `import { Sha256 } from "@aws-crypto/sha256-js"; // npm install @aws-crypto/sha256-js @smithy/signature-v4`,
        `import { SignatureV4 } from "@smithy/signature-v4";`,
        "",
        "const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;",
        `const signer = new SignatureV4({ service: "execute-api", region: "${auth.region}", sha256: Sha256, credentials: { accessKeyId, secretAccessKey, sessionToken } });`,
      ]
    : [];
  const request = isSigned
    ? [
        `  const url = new URL("${apiUrl}" + path);`,
        `  const method = body ? "POST" : "GET";`,
        `  const { headers } = await signer.sign({ method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, headers: { host: url.host, ${header} }, body });`,
        "  const response = await fetch(url, { method, headers, body });",
      ]
    : [`  const response = await fetch("${apiUrl}" + path, { method: body ? "POST" : "GET", headers: { ${header} }, body });`];
  return [
    ...start,
    "async function ask(path, body) {",
    ...request,
    "  if (!response.ok) throw new Error(await response.text());",
    "  return response.json();",
    "}",
    "",
    `const file = ${text ? `new Blob([${quote(text.replaceAll("\\", "\\\\"))}])` : `await (await fetch("${sample}")).blob()`}; // or new Blob([await readFile("${name}")])`,
    `let job = await ask("/jobs", JSON.stringify({ name: "${name}", content_type: "${type}"${recipe ? `, recipe: "${recipe}"` : ""} }));`,
    "const form = new FormData();",
    "for (const [field, value] of Object.entries(job.upload.fields)) form.append(field, value);",
    `form.append("file", file, "${name}"); // the file comes last`,
    `const sent = await fetch(job.upload.url, { method: "POST", body: form });`,
    "if (!sent.ok) throw new Error(await sent.text());",
    `while (!["succeeded", "failed"].includes(job.state)) {`,
    "  await new Promise((resolve) => setTimeout(resolve, 1000));",
    "  job = await ask(`/jobs/${job.id}`);",
    "}",
    "console.log(JSON.stringify(job.summary ?? job.error));",
  ];
}
