/**
 * The issuer's keys, found through its discovery document (OpenID Connect Discovery 4) and kept by
 * jose: fetched again for an unknown key id, but at least ten seconds apart.
 */

import { createRemoteJWKSet, errors } from 'jose';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 64 * 1024;
const COOLDOWN_MS = 10_000;
const MAX_AGE_MS = 60_000;
const RETRY_DISCOVERY_AFTER_MS = 1_000;

/** There are no keys to judge a token with. */
export class KeysUnavailable extends Error {}

/**
 * A key source for jose's `jwtVerify`. The metadata is read when the first token arrives, so that
 * the service may start before its gateway; requests that wait for it share one attempt.
 */
export function issuerKeys(issuer) {
  let discovery;
  return async (header, token) => {
    discovery ??= { keys: discover(issuer) };
    const current = discovery;
    try {
      return await (await current.keys)(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      if (error instanceof KeysUnavailable && !current.forgotten) {
        current.forgotten = setTimeout(() => { discovery = undefined; }, RETRY_DISCOVERY_AFTER_MS);
      }
      throw new KeysUnavailable(error.message, { cause: error });
    }
  };
}

async function discover(issuer) {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    const metadata = await getJson(url);
    if (metadata.issuer !== issuer) throw new Error("the metadata is another issuer's");
    const jwksUri = new URL(metadata.jwks_uri);
    if (jwksUri.origin !== new URL(issuer).origin) throw new Error('the keys are elsewhere');
    return createRemoteJWKSet(jwksUri, {
      timeoutDuration: TIMEOUT_MS,
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: MAX_AGE_MS,
    });
  } catch (error) {
    throw new KeysUnavailable('the issuer cannot be reached', { cause: error });
  }
}

async function getJson(url) {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  const chunks = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error('the metadata is too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}
