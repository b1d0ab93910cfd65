import { errors, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import { Failure } from '#src/domain/failure.ts';
import type { Log } from '#src/http/response/error-log.ts';
import { createKeySet } from './jwks.ts';

/** Whose tokens are accepted. */
export interface TokenRules {
  /** Where the issuer publishes its public keys. */
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
}

export interface Tokens {
  /** Whom a token was issued to. Rejects with `bad-token` for one that is not accepted, whatever is wrong with it. */
  readonly subjectOf: (token: string, requestId: string) => Promise<string>;
  /** Gets the keys, so that the first caller need not wait for them. */
  readonly start: () => void;
}

export interface TokensOptions {
  /** The longest that anything here may be waited for. */
  readonly requestTimeoutMs: number;
  readonly log: Log;
  readonly now: () => number;
}

/** Clocks of issuers and servers are this far apart at most. */
const skewSeconds = 5;

// Only those of which the verifying half is public: with a shared secret, whoever verifies can issue.
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ');

export function createTokens(options: TokensOptions, rules: TokenRules): Tokens {
  const { log, now } = options;
  const keys = createKeySet({ ...options, url: rules.jwksUrl });

  return {
    start: keys.start,
    async subjectOf(token, requestId) {
      try {
        const { payload } = await verify(token, keys.keyOf, {
          issuer: rules.issuer,
          audience: rules.audience,
          algorithms,
          clockTolerance: skewSeconds,
          currentDate: new Date(now()),
          // One that never ends could never be taken back.
          requiredClaims: ['sub', 'exp'],
        });
        if (typeof payload.sub === 'string' && payload.sub !== '') return payload.sub;
        throw new errors.JWTClaimValidationFailed('An empty subject', payload, 'sub');
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        // The library's codes and names of claims; of the token nothing.
        const claim = 'claim' in error ? error.claim : undefined;
        log.debug({ requestId, reason: error.code, claim }, 'A token was not accepted');
        throw new Failure('bad-token', 'The token is not accepted');
      }
    },
  };
}

/** A token that does not name its key is tried with each that could be it. */
async function verify(token: string, keyOf: JWTVerifyGetKey, options: JWTVerifyOptions) {
  try {
    return await jwtVerify(token, keyOf, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}
