/** Reads what a JWT says about itself. It is not verified here: that is the server's affair. */

import { isRecord } from './schema';

export interface TokenClaims {
  readonly userId: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export function readToken(token: string): TokenClaims | null {
  const claims = decodePart(token.split('.')[1] ?? '');
  if (!isRecord(claims)) return null;
  const { userId, iat, exp } = claims;
  if (typeof userId !== 'string' || typeof iat !== 'number' || typeof exp !== 'number') return null;
  return { userId, issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
}

function decodePart(part: string): unknown {
  try {
    return JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/'))) as unknown;
  } catch {
    return null;
  }
}
