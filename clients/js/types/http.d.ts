/**
 * Asks an API: `call` for the JSON of a path, `readToken` for the caller's token.
 * @param {string} apiUrl
 * @param {GetToken} [getToken]
 */
export function createHttp(apiUrl: string, getToken?: GetToken): {
    readToken: (forceRefresh?: boolean) => Promise<Result<string | null>>;
    call: (path: string, request?: Request, isSecond?: boolean) => Promise<Result<any>>;
};
export type Request = {
    method?: string;
    body?: BodyInit;
    headers?: Record<string, string>;
    keepalive?: boolean;
    signal?: AbortSignal;
};
import type { GetToken } from "./types.js";
import type { Result } from "./types.js";
