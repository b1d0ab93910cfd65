import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: Buffer;
  readonly cert: Buffer;
}

export interface Certificates {
  /** The certificate of the authority that signed the others, except `selfSigned`. */
  readonly authority: string;
  readonly valid: Certificate;
  readonly expired: Certificate;
  readonly ofAnotherHost: Certificate;
  readonly selfSigned: Certificate;
}

/** Tests of TLS need the program `openssl`; on a machine without it they are skipped. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** Certificates of `localhost` that are valid for a day, unless their name says otherwise. */
export function createCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const run = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const newKey = (name: string) =>
    `-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ${name}.key`.split(' ');
  const read = (name: string) => readFileSync(join(folder, name));
  const pair = (name: string) => ({ key: read(`${name}.key`), cert: read(`${name}.pem`) });
  const selfSign = (name: string, subject: string, ...args: readonly string[]) =>
    run('req', '-x509', ...newKey(name), '-out', `${name}.pem`, '-subj', subject, ...args);
  const sign = (name: string, host: string, days: string) => {
    writeFileSync(join(folder, 'names'), `subjectAltName=DNS:${host}`);
    run('req', ...newKey(name), '-out', `${name}.csr`, '-subj', `/CN=${host}`);
    const authority = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial'];
    const output = ['-out', `${name}.pem`, '-days', days, '-extfile', 'names'];
    run('x509', '-req', '-in', `${name}.csr`, ...authority, ...output);
    return pair(name);
  };
  try {
    selfSign('authority', '/CN=authority');
    selfSign('self', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost');
    return {
      authority: read('authority.pem').toString(),
      valid: sign('valid', 'localhost', '1'),
      expired: sign('expired', 'localhost', '-1'),
      ofAnotherHost: sign('other', 'other.example', '1'),
      selfSigned: pair('self'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
