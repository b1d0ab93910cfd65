import {
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import type { Clock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import type { Logger } from '#src/http/response/error-log.ts';
import { createJwks, type FetchKeys, type JwksReason } from './jwks.ts';

/** The issuer whose tokens are accepted, and the audience that they must name. */
export interface TokenIssuer {
  /** The issuer's public keys. */
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
}

export interface VerifiedToken {
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
  /** By the issuer's clock, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export interface TokenVerifier {
  /** Reads a valid token. Rejects with a `bad-token` failure for every invalid one. */
  readonly verify: (token: string, requestId: string) => Promise<VerifiedToken>;
  /** Starts the first fetch of the issuer's keys in the background. */
  readonly prefetchKeys: () => void;
}

export interface TokenVerifierOptions {
  /** Upper bound on the wait for the issuer's keys. */
  readonly requestTimeoutMs: number;
  readonly log: Logger;
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  /** Sends the request for the issuer's keys. Default: the platform's `fetch`. */
  readonly fetchKeys?: FetchKeys | undefined;
  /** Called for each fetch of the issuer's keys that failed. */
  readonly onKeysFailure?: ((reason: JwksReason) => void) | undefined;
}

/** Tolerated difference between the clocks of the issuer and of this server. */
const clockToleranceSeconds = 5;

// Asymmetric algorithms only: with a shared secret (HS256), anyone who can verify can also issue.
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

export function createTokenVerifier(
  options: TokenVerifierOptions,
  { jwksUrl, issuer, audience }: TokenIssuer,
): TokenVerifier {
  const { log, clock } = options;
  const jwks = createJwks({ ...options, url: jwksUrl, now: clock.now });

  return {
    prefetchKeys: jwks.prefetch,
    async verify(token, requestId) {
      try {
        const { payload } = await verifyJwt(token, jwks.keyOf, {
          issuer,
          audience,
          algorithms,
          clockTolerance: clockToleranceSeconds,
          // The issuer writes `exp` by its wall clock.
          currentDate: new Date(clock.now() + clock.wall().aheadMs),
          // A token without `exp` could never be revoked.
          requiredClaims: ['sub', 'exp'],
        });
        const { sub: subject, exp = 0 } = payload;
        if (typeof subject === 'string' && subject !== '') {
          return { subject, scopes: scopesOf(payload), expiresAtMs: exp * 1000 };
        }
        throw new errors.JWTClaimValidationFailed('The subject is empty', payload, 'sub');
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        // The library's error code and the name of the claim, but no value of the token.
        const claim = 'claim' in error ? error.claim : undefined;
        log.debug({ requestId, reason: error.code, claim }, 'A token was rejected');
        throw new Failure('bad-token', 'The token is invalid');
      }
    },
  };
}

/**
 * The scopes of a token: the claim `scope` of RFC 9068, or `scp`, which some issuers use; separated
 * by spaces, or a list.
 */
function scopesOf({ scope, scp }: JWTPayload): ReadonlySet<string> {
  const values = [scope, scp].flat().filter((value) => typeof value === 'string');
  return new Set(values.flatMap((value) => value.split(' ')).filter((value) => value !== ''));
}

/**
 * Verifies a token. If it names no key, every key of the set that matches its algorithm is tried.
 */
async function verifyJwt(token: string, keyOf: JWTVerifyGetKey, options: JWTVerifyOptions) {
  try {
    return await jwtVerify(token, keyOf, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (keyError) {
        if (!(keyError instanceof errors.JWSSignatureVerificationFailed)) throw keyError;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}
