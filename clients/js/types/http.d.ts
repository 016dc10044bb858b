export class Http {
    /**
     * @param {string} apiUrl
     * @param {GetToken} [getToken]
     */
    constructor(apiUrl: string, getToken?: GetToken);
    /**
     * The caller's token; null where the API asks for none.
     * @returns {Promise<Result<string | null>>}
     */
    token(forceRefresh?: boolean): Promise<Result<string | null>>;
    /**
     * Ask for a path of the API and return the JSON that it answers. A token that is refused is renewed once.
     * @param {string} path
     * @param {Request} [request]
     * @returns {Promise<Result<any>>}
     */
    call(path: string, request?: Request, isSecond?: boolean): Promise<Result<any>>;
    #private;
}
export function failUnreadable(detail: string): {
    ok: false;
    error: import("./types.js").Failure;
};
export type Request = {
    method?: string;
    body?: BodyInit;
    headers?: Record<string, string>;
    keepalive?: boolean;
    signal?: AbortSignal;
};
import type { Result } from "./types.js";
import type { GetToken } from "./types.js";
