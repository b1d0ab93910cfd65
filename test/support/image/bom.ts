import { execFileSync } from 'node:child_process';

export interface Component {
  /** `name@version` */
  readonly 'bom-ref': string;
  readonly type: string;
  readonly hashes?: readonly unknown[];
  readonly licenses?: readonly unknown[];
}

export interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The production dependencies, from `npm run sbom`. */
export function readBom(): Bom {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  return JSON.parse(execFileSync('npm', ['run', '--silent', 'sbom'], options)) as Bom;
}
