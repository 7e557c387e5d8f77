// Tokens of jose, one of each algorithm: prints the keys to verify them with, and the tokens.

import { randomBytes } from 'node:crypto';
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

const ASYMMETRIC = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA',
  // The same algorithm under the name that RFC 9864 gave it.
  'Ed25519',
];

async function sign(algorithm, name, key) {
  // No `typ`: jose adds none by itself.
  const token = new SignJWT({}).setProtectedHeader({ alg: algorithm }).setIssuer(name);
  return token.setIssuedAt().setExpirationTime('5m').sign(key);
}

const made = [];
for (const bits of [256, 384, 512]) {
  const [algorithm, name, material] = [`HS${bits}`, `hs${bits}`, randomBytes(64).toString('hex')];
  const token = await sign(algorithm, name, new TextEncoder().encode(material));
  made.push({ algorithm, key: name, material, token });
}
for (const name of ASYMMETRIC) {
  const { publicKey, privateKey } = await generateKeyPair(name, { extractable: true });
  const algorithm = name === 'Ed25519' ? 'EdDSA' : name;
  const token = await sign(name, name, privateKey);
  // One as PEM, the next as JWK.
  const material = made.length % 2
    ? await exportSPKI(publicKey)
    : JSON.stringify(await exportJWK(publicKey));
  made.push({ algorithm, key: name, material, token });
}
console.log(JSON.stringify(made));
