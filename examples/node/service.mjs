/**
 * A microservice in Node behind Symbolon: tells the caller who they are and keeps a cart in the
 * session. The token is verified in internal_token.mjs with jose, the rest is node:http.
 *
 *     node service.mjs --listen 127.0.0.1:9001 \
 *         --issuer http://127.0.0.1:8080/auth/internal --audience example
 */

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { Refused, verify } from './internal_token.mjs';
import { KeysUnavailable, issuerKeys } from './keys.mjs';

const MAX_BODY_BYTES = 4096;
const MAX_SKU_LENGTH = 64;

const { values: settings } = parseArgs({
  options: {
    listen: { type: 'string', default: '127.0.0.1:0' },
    issuer: { type: 'string' },
    audience: { type: 'string' },
  },
});
if (!settings.issuer || !settings.audience) {
  process.stderr.write('usage: service.mjs [--listen ADDRESS] --issuer URL --audience NAME\n');
  process.exit(2);
}
const keys = issuerKeys(settings.issuer);

/** The caller's mistake, in words for the caller. */
class BadRequest extends Error {
  constructor(message, status = 400) {
    super(message);
    this.status = status;
  }
}

const endpoints = { 'GET /whoami': whoami, 'POST /cart': addToCart };

/** The claims this service received, the session data included. */
function whoami(claims) {
  return { body: claims };
}

/**
 * Adds an item to the cart that all services of this session share. Every item has a key of its
 * own, so two requests at a time change different members of the cart and neither is lost.
 */
function addToCart(_claims, body) {
  const sku = parseJson(body)?.sku;
  if (typeof sku !== 'string' || sku.length === 0 || sku.length > MAX_SKU_LENGTH) {
    throw new BadRequest('sku has to be 1 to 64 characters');
  }
  const id = randomBytes(8).toString('hex');
  return { body: { id, sku }, headers: sessionPatch({ cart: { [id]: { sku } } }) };
}

/** The header that changes the session: an RFC 9651 byte sequence of an RFC 7396 merge patch. */
function sessionPatch(patch) {
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
  return { 'Symbolon-Session': `patch=:${encoded}:` };
}

async function answer(request) {
  const body = await readBody(request);
  const claims = await authenticate(request);
  const endpoint = endpoints[`${request.method} ${request.url.split('?')[0]}`];
  if (!endpoint) return { status: 404, body: { error: 'not found' } };
  return endpoint(claims, body);
}

async function authenticate(request) {
  const offered = request.headersDistinct.authorization ?? [];
  const [, token] = /^bearer +(.*)$/i.exec(offered[0] ?? '') ?? [];
  if (token === undefined) throw new Refused();
  if (offered.length > 1) throw new Refused('there is more than one token');
  return verify(token, keys, settings.issuer, settings.audience);
}

/** RFC 6750 3: no error code where no token was offered. */
function refusal(error) {
  if (error instanceof Refused) {
    const reason = error.message && ` error="invalid_token", error_description="${error.message}"`;
    const headers = { 'WWW-Authenticate': `Bearer${reason}` };
    return { status: 401, body: { error: 'unauthorized' }, headers };
  }
  if (error instanceof BadRequest) {
    return { status: error.status, body: { error: error.message }, headers: { Connection: 'close' } };
  }
  if (error instanceof KeysUnavailable) {
    return { status: 503, body: { error: "the issuer's keys cannot be had" } };
  }
  process.stderr.write(`${error.stack}\n`);
  return { status: 500, body: { error: 'internal error' } };
}

async function readBody(request) {
  const chunks = [];
  let length = 0;
  // The stream stays open when the loop is left, or the answer could not be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new BadRequest('the body is too large', 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('the body has to be JSON');
  }
}

const server = createServer(async (request, response) => {
  const { status = 200, body, headers = {} } = await answer(request).catch(refusal);
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
});

const [, host, port] = /^\[?([^\]]*)\]?:(\d+)$/.exec(settings.listen) ?? [];
server.listen(Number(port), host, () => {
  const { address, port: bound } = server.address();
  process.stdout.write(`listening on ${address}:${bound}\n`);
});
