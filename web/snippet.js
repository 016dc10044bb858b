// The same call from a shell, from Python and from JavaScript, for those who build on the API. Each runs as it stands.

export const LANGUAGES = ["curl", "Python", "JavaScript"];
export const SAMPLE = { name: "digit.png", type: "image/png" }; // is published beside the page

/**
 * A program that asks this API, in one of the languages.
 * `config` is config.json's apiUrl and auth, `pageUrl` is where the sample is, `instance` a row of numbers, or null for the sample picture.
 * Python and curl need nothing that a machine does not have; a signature by IAM takes AWS's own library for it.
 */
export function writeSnippet(language, { apiUrl, auth }, pageUrl, instance = null) {
  const call = { url: `${apiUrl}/predictions`, sample: `${pageUrl}${SAMPLE.name}`, json: instance && JSON.stringify({ instances: [instance] }), auth };
  return { curl: writeCurl, Python: writePython, JavaScript: writeJavaScript }[language](call).join("\n");
}

const typeOf = ({ json }) => (json ? "application/json" : SAMPLE.type);

function writeCurl(call) {
  const { url, sample, json, auth } = call;
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
    `curl '${url}' -H 'content-type: ${typeOf(call)}' \\`,
    ...signIn,
    json ? `  --data-binary '${json}'` : `  --data-binary @${SAMPLE.name}`,
  ];
}

function writePython(call) {
  const { url, sample, json, auth } = call;
  const body = json ? `body = b'${json}'` : `body = urllib.request.urlopen("${sample}").read()  # or open("${SAMPLE.name}", "rb").read()`;
  const type = `"content-type": "${typeOf(call)}"`;
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
      `signed = AWSRequest("POST", "${url}", {${type}}, body)`,
      `SigV4Auth(Session().get_credentials(), "execute-api", "${auth.region}").add_auth(signed)`,
      "request = urllib.request.Request(signed.url, body, dict(signed.headers))",
      read,
      print,
    ];
  }
  const isSignedIn = auth.kind === "jwt";
  const headers = isSignedIn ? `{${type}, "authorization": "Bearer " + os.environ["TOKEN"]}` : `{${type}}`;
  return [`import json, ${isSignedIn ? "os, " : ""}urllib.request`, "", body, `request = urllib.request.Request("${url}", body, ${headers})`, read, print];
}

function writeJavaScript(call) {
  const { url, sample, json, auth } = call;
  const body = json ? `const body = '${json}';` : `const body = new Uint8Array(await (await fetch("${sample}")).arrayBuffer()); // or await readFile("${SAMPLE.name}")`;
  const type = `"content-type": "${typeOf(call)}"`;
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
      `const request = { method: "POST", protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: {}, headers: { host: url.host, ${type} }, body };`,
      "const { headers } = await signer.sign(request);",
      `const response = await fetch(url, { method: "POST", headers, body });`,
      ...end,
    ];
  }
  const headers = auth.kind === "jwt" ? `{ ${type}, authorization: \`Bearer \${process.env.TOKEN}\` }` : `{ ${type} }`;
  return [body, `const response = await fetch("${url}", { method: "POST", headers: ${headers}, body });`, ...end];
}
