// What a token says of who has it. The API alone checks it: nothing here is a permission.

/** A token's claims; none of what is no token. */
export function readClaims(token) {
  if (!token) return {};
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return {};
  }
}
