// Bytes and JSON as text.

/**
 * Bytes as base64url without padding (RFC 4648, 5).
 * @param {Uint8Array} bytes
 */
export const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** A random string of 43 characters. */
export const randomToken = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/**
 * What a text says as JSON, or null where it is none.
 * @param {string} text
 */
export function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
