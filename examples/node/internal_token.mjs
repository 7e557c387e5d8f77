/** Verifies Symbolon's internal token with jose (RFC 9068 4). */

import { decodeProtectedHeader, errors, jwtVerify } from 'jose';

const MAX_TOKEN_BYTES = 64 * 1024;
const MAX_LIFETIME_SECONDS = 600;
const HEADER = ['alg', 'kid', 'typ'];

/** The token is not acceptable. The text is for the caller and says nothing out of it. */
export class Refused extends Error {}

/** The claims of `token`. Throws Refused, or KeysUnavailable when nobody can be judged. */
export async function verify(token, keys, issuer, audience) {
  if (token.length > MAX_TOKEN_BYTES) throw new Refused('the token is too long');
  checkHeader(token);
  const claims = await jwtVerify(token, keys, {
    algorithms: ['ES256'],
    typ: 'at+jwt',
    issuer,
    audience,
    clockTolerance: 5,
    maxTokenAge: MAX_LIFETIME_SECONDS,
    requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat', 'jti'],
  }).then(
    ({ payload }) => payload,
    (error) => {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw new Refused('the token is not valid', { cause: error });
    },
  );
  if (typeof claims.aud !== 'string') throw new Refused('the token is for several services');
  const lifetime = claims.exp - claims.iat;
  if (lifetime <= 0 || lifetime > MAX_LIFETIME_SECONDS) {
    throw new Refused("the token's lifetime is not that of an internal token");
  }
  return claims;
}

/** The header names its algorithm, key and type, and nothing else: it brings no key along. */
function checkHeader(token) {
  let header;
  try {
    header = decodeProtectedHeader(token);
  } catch (error) {
    throw new Refused('the token is not a JWS', { cause: error });
  }
  const isUnderstood = Object.keys(header).sort().join() === HEADER.join();
  // Without a name, jose would take whichever key fits.
  if (!isUnderstood || typeof header.kid !== 'string') {
    throw new Refused("the token's header is not understood");
  }
}
