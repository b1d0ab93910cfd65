/** A promise, what was observed, and whether the promise was kept. */
export interface Finding {
  readonly promise: string;
  readonly observed: string;
  readonly passed: boolean;
}

export function tableOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ promise }) => promise.length));
  return findings
    .map(
      ({ promise, observed, passed }) =>
        `${passed ? 'passed' : 'FAILED'}  ${promise.padEnd(width)}  ${observed}`,
    )
    .join('\n');
}
