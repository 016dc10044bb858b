// Signing in with Cognito's own pages: authorization code with PKCE (RFC 7636), so that no secret ever is in this page.

import { base64url, randomToken } from "./client/encoding.js";
import { Problem } from "./problem.js";

const SESSION = "inferstack.session"; // what Cognito gave: gone when the tab is closed
const PENDING = "inferstack.sign-in"; // state and verifier of a sign-in under way
const EARLY_MS = 30_000; // a token is renewed before it ends, so that none ends on its way
const REVOKE_LIMIT_MS = 3000; // nobody waits longer to be signed out

/** PKCE's S256 challenge of a verifier. */
export async function challengeOf(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

/** The sign-in pages' address: `domain` may be a host, an address, or Cognito's prefix. */
export function hostedUi({ domain, region }) {
  if (/^https?:\/\//.test(domain)) return domain.replace(/\/+$/, "");
  return domain.includes(".") ? `https://${domain}` : `https://${domain}.auth.${region}.amazoncognito.com`;
}

/** Where to send the browser to sign in. */
export function authorizeUrl(auth, redirectUri, state, challenge) {
  const query = { response_type: "code", client_id: auth.clientId, redirect_uri: redirectUri, scope: "openid email", state, code_challenge: challenge, code_challenge_method: "S256" };
  return `${hostedUi(auth)}/oauth2/authorize?${new URLSearchParams(query)}`;
}

/** Where to send the browser to sign out. */
export function logoutUrl(auth, redirectUri) {
  return `${hostedUi(auth)}/logout?${new URLSearchParams({ client_id: auth.clientId, logout_uri: redirectUri })}`;
}

/** The session in a token answer; a refresh keeps the refresh token it was made with. `renewAt` is null where nobody says when the token ends. */
export function sessionFrom(answer, before = {}, now = Date.now()) {
  const renewAt = answer.expires_in > 0 ? now + answer.expires_in * 1000 - EARLY_MS : null;
  return { accessToken: answer.access_token, refreshToken: answer.refresh_token ?? before.refreshToken ?? null, renewAt };
}

/** Cognito's hosted pages. `go(url)` leaves for another page; `storage` is sessionStorage or something like it. */
export class CognitoAuth {
  #auth;
  #home;
  #storage;
  #fetch;
  #go;
  #session;
  #renewing = null;

  constructor(auth, home, { storage = sessionStorage, fetcher = (...args) => fetch(...args), go = (url) => location.assign(url) } = {}) {
    this.#auth = auth;
    this.#home = home;
    this.#storage = storage;
    this.#fetch = fetcher;
    this.#go = go;
    const kept = JSON.parse(storage.getItem(SESSION) ?? "null");
    this.#session = kept?.clientId === auth.clientId ? kept : null; // of a stack that was here before: its tokens open nothing
  }

  get signedIn() {
    return this.#session !== null;
  }

  /** Leave for the sign-in pages. */
  async signIn() {
    if (!globalThis.crypto?.subtle) throw this.#failed("Browsers sign in only over https.");
    const pending = { state: randomToken(), verifier: randomToken() };
    this.#storage.setItem(PENDING, JSON.stringify(pending));
    this.#go(authorizeUrl(this.#auth, this.#home, pending.state, await challengeOf(pending.verifier)));
  }

  /** Finish a sign-in if the address says one came back; true when the address held one. Throws a Problem when it went wrong. */
  async finish(query) {
    if (!query.has("code") && !query.has("error")) return false;
    const pending = JSON.parse(this.#storage.getItem(PENDING) ?? "null");
    this.#storage.removeItem(PENDING);
    // Before anything else of the address is used: anybody can write a link to this page, and its words would stand here as the page's own.
    if (!pending || query.get("state") !== pending.state) throw this.#failed("The answer does not belong to a sign-in this tab began.");
    if (query.has("error")) throw this.#failed(query.get("error_description") ?? query.get("error"));
    const session = await this.#tokens({ grant_type: "authorization_code", code: query.get("code"), redirect_uri: this.#home, code_verifier: pending.verifier });
    if (!session) throw this.#failed("The sign-in code was not accepted.");
    return true;
  }

  /** The token to send, or null when somebody must sign in; `forceRefresh` where the last one was refused. */
  async token({ forceRefresh = false } = {}) {
    const { renewAt } = this.#session ?? {};
    const must = forceRefresh || (renewAt && Date.now() >= renewAt);
    if (must && !(await this.#refresh()) && forceRefresh) return null;
    return this.#session?.accessToken ?? null;
  }

  /** Get a new token with the refresh token; false when there is none. */
  #refresh() {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null)); // several calls meet the same end of a token at once
    return this.#renewing;
  }

  async #renew() {
    const refreshToken = this.#session?.refreshToken;
    const session = refreshToken ? await this.#tokens({ grant_type: "refresh_token", refresh_token: refreshToken }) : null;
    if (session === null) this.#keep(null);
    return Boolean(session);
  }

  /** Forget the session, here and at Cognito, where its refresh token gives nothing any more. */
  async signOut() {
    const refreshToken = this.#session?.refreshToken;
    this.#keep(null);
    if (refreshToken) await this.#revoke(refreshToken);
    this.#go(logoutUrl(this.#auth, this.#home));
  }

  /** Forget the session here, where nobody is left to be told. */
  forget() {
    this.#keep(null);
  }

  #failed(detail) {
    return new Problem("Signing in failed", detail, "Try to sign in again.", { code: "sign-in" });
  }

  #keep(session) {
    this.#session = session;
    if (session) this.#storage.setItem(SESSION, JSON.stringify({ ...session, clientId: this.#auth.clientId }));
    else this.#storage.removeItem(SESSION);
  }

  async #revoke(token) {
    const body = new URLSearchParams({ token, client_id: this.#auth.clientId });
    // The answer is of no use, so it need not be readable across origins; and leaving the page must not stop the request.
    const options = { method: "POST", body, mode: "no-cors", keepalive: true, signal: AbortSignal.timeout(REVOKE_LIMIT_MS) };
    await this.#fetch(`${hostedUi(this.#auth)}/oauth2/revoke`, options).catch(() => {}); // without an answer it ends by itself, hours later
  }

  /** The session that a grant gives; null when it was refused, undefined when nobody could say. */
  async #tokens(grant) {
    const before = this.#session;
    try {
      const body = new URLSearchParams({ client_id: this.#auth.clientId, ...grant });
      const response = await this.#fetch(`${hostedUi(this.#auth)}/oauth2/token`, { method: "POST", body });
      if (!response.ok) return response.status < 500 ? null : undefined;
      const answer = await response.json();
      if (this.#session !== before) return null; // signed out meanwhile
      this.#keep(sessionFrom(answer, before ?? {}));
      return this.#session;
    } catch {
      return undefined;
    }
  }
}
