import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { randomToken } from "../../clients/js/src/encoding.js";
import { authorizeUrl, challengeOf, CognitoAuth, hostedUi, logoutUrl, sessionFrom } from "../../web/auth.js";

const HOME = "https://page.example.com/";
const AUTH = { kind: "jwt", region: "eu-west-1", userPoolId: "any", clientId: "client-1", domain: "https://sign-in.example.com" };

let storage;
let went;
let posted;
let replies;

class Storage {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => this.items.set(key, value);
  removeItem = (key) => this.items.delete(key);
}

const begin = (auth = AUTH) =>
  new CognitoAuth(auth, HOME, {
    storage,
    go: (url) => went.push(new URL(url)),
    fetcher: async (url, { body, ...options }) => {
      posted.push({ url, ...Object.fromEntries(body), options });
      const reply = await replies.shift();
      if (reply instanceof Error) throw reply;
      return reply ?? new Response("", { status: 400 });
    },
  });

async function signIn(more = {}) {
  const auth = begin();
  await auth.signIn();
  const state = went.at(-1).searchParams.get("state");
  replies.push(Response.json({ access_token: "access-1", refresh_token: "refresh-1", ...more }));
  assert.equal(await auth.finish(new URLSearchParams({ code: "code-1", state })), true);
  return auth;
}

beforeEach(() => {
  storage = new Storage();
  went = [];
  posted = [];
  replies = [];
});

test("makes the challenge of RFC 7636's own example", async () => {
  assert.equal(await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

test("makes verifiers that RFC 7636 allows, never twice the same", () => {
  assert.match(randomToken(), /^[\w-]{43}$/);
  assert.notEqual(randomToken(), randomToken());
});

test("finds the sign-in pages from an address, a host or a prefix", () => {
  assert.equal(hostedUi({ domain: "https://a.example.com/" }), "https://a.example.com");
  assert.equal(hostedUi({ domain: "a.example.com" }), "https://a.example.com");
  assert.equal(hostedUi({ domain: "digits", region: "eu-west-1" }), "https://digits.auth.eu-west-1.amazoncognito.com");
});

test("asks for a code with S256 and comes back to the page", () => {
  const { searchParams } = new URL(authorizeUrl(AUTH, HOME, "state-1", "challenge-1"));
  assert.deepEqual(Object.fromEntries(searchParams), {
    response_type: "code", client_id: "client-1", redirect_uri: HOME, scope: "openid email", state: "state-1", code_challenge: "challenge-1", code_challenge_method: "S256",
  });
  assert.equal(new URL(logoutUrl(AUTH, HOME)).searchParams.get("logout_uri"), HOME);
});

test("trades the code and its verifier for a token, which outlives a reload", async () => {
  const auth = await signIn();
  assert.equal(await auth.token(), "access-1");
  const [{ grant_type, code, code_verifier, redirect_uri }] = posted;
  assert.deepEqual([grant_type, code, redirect_uri], ["authorization_code", "code-1", HOME]);
  assert.equal(await challengeOf(code_verifier), went[0].searchParams.get("code_challenge"));
  assert.equal(await begin().token(), "access-1");
});

test("refuses a code that answers no sign-in of this tab", async () => {
  const auth = begin();
  await auth.signIn();
  await assert.rejects(auth.finish(new URLSearchParams({ code: "stolen", state: "foreign" })), { title: "Signing in failed" });
  await assert.rejects(auth.finish(new URLSearchParams({ code: "again", state: went[0].searchParams.get("state") })), { title: "Signing in failed" });
  assert.deepEqual(posted, []);
  assert.equal(auth.signedIn, false);
});

test("tells what the sign-in pages complained of, when it had asked them", async () => {
  const auth = begin();
  await auth.signIn();
  const state = went[0].searchParams.get("state");
  await assert.rejects(auth.finish(new URLSearchParams({ error: "access_denied", error_description: "User said no", state })), { detail: "User said no" });
});

test("shows no word of a link that a stranger wrote", async () => {
  const words = { error: "x", error_description: "Your account is locked. Call 555-0100." };
  const ours = { detail: "The answer does not belong to a sign-in this tab began." };
  await assert.rejects(begin().finish(new URLSearchParams(words)), ours);
  await assert.rejects(begin().finish(new URLSearchParams({ ...words, state: "foreign" })), ours);
  const auth = begin();
  await auth.signIn();
  await assert.rejects(auth.finish(new URLSearchParams({ ...words, state: "foreign" })), ours);
  await assert.rejects(auth.finish(new URLSearchParams(words)), ours);
});

test("has no token before somebody signs in", async () => {
  assert.equal(await begin().token(), null);
  assert.equal(await begin().token({ forceRefresh: true }), null);
});

test("renews the token, keeping the refresh token, and forgets both when that fails", async () => {
  const auth = await signIn();
  replies.push(Response.json({ access_token: "access-2" }));
  assert.equal(await auth.token({ forceRefresh: true }), "access-2");
  assert.equal(posted.at(-1).refresh_token, "refresh-1");
  assert.equal(await auth.token({ forceRefresh: true }), null); // no more replies: refused
  assert.equal(posted.at(-1).refresh_token, "refresh-1");
  assert.equal(auth.signedIn, false);
  assert.equal(begin().signedIn, false);
});

test("renews a token once for all who ask at the same time", async () => {
  const auth = await signIn();
  replies.push(Response.json({ access_token: "access-2" }));
  const renewed = () => auth.token({ forceRefresh: true });
  assert.deepEqual(await Promise.all([renewed(), renewed()]), ["access-2", "access-2"]);
  assert.equal(posted.length, 2);
});

test("knows when a token is to be renewed, a little before it ends", () => {
  assert.equal(sessionFrom({ access_token: "a", expires_in: 300 }, {}, 1000).renewAt, 1000 + 270_000);
  assert.equal(sessionFrom({ access_token: "a" }, {}, 1000).renewAt, null);
});

test("renews a token that is about to end before anybody uses it", async () => {
  const auth = await signIn({ expires_in: 29 });
  replies.push(Response.json({ access_token: "access-2", expires_in: 300 }));
  assert.deepEqual(await Promise.all([auth.token(), auth.token()]), ["access-2", "access-2"]);
  assert.equal(await auth.token(), "access-2");
  assert.equal(posted.length, 2);
});

test("has no token when one that ended cannot be renewed", async () => {
  const auth = await signIn({ expires_in: 1 });
  assert.equal(await auth.token(), null);
});

test("keeps the session while the sign-in pages cannot be reached", async () => {
  const auth = await signIn({ expires_in: 1 });
  for (const reply of [new TypeError("Failed to fetch"), new Response("", { status: 503 })]) {
    replies.push(reply);
    assert.equal(await auth.token(), "access-1");
  }
  replies.push(Response.json({ access_token: "access-2" }));
  assert.equal(await auth.token(), "access-2");
});

test("forgets everything on signing out, and revokes the refresh token at Cognito before it leaves", async () => {
  const auth = await signIn();
  replies.push(new Response());
  const leaving = auth.signOut();
  assert.equal(storage.items.size, 0);
  assert.equal(went.length, 1);
  await leaving;
  const { url, token, client_id, options } = posted.at(-1);
  assert.deepEqual([url, token, client_id], ["https://sign-in.example.com/oauth2/revoke", "refresh-1", "client-1"]);
  assert.deepEqual([options.method, options.mode, options.keepalive], ["POST", "no-cors", true]);
  assert.equal(went.at(-1).pathname, "/logout");
});

test("signs out also when Cognito cannot be reached", async () => {
  const auth = await signIn();
  replies.push(new TypeError("Failed to fetch"));
  await auth.signOut();
  assert.equal(went.at(-1).pathname, "/logout");
});

test("stays signed out when a renewal was under way", async () => {
  const auth = await signIn();
  let answer;
  replies.push(new Promise((resolve) => (answer = resolve)));
  const renewal = auth.token({ forceRefresh: true });
  await auth.signOut();
  answer(Response.json({ access_token: "access-2", refresh_token: "refresh-2" }));
  assert.equal(await renewal, null);
  assert.equal(auth.signedIn, false);
  assert.equal(storage.items.size, 0);
});

test("keeps a session for its own client alone: a stack that was deployed anew has another, and refuses the tokens of the old one unreadably", async () => {
  await signIn();
  assert.equal(begin().signedIn, true);
  assert.equal(begin({ ...AUTH, clientId: "client-2" }).signedIn, false);
});
