/** A promise, and what was seen of it. */
export interface Finding {
  readonly promise: string;
  readonly seen: string;
  readonly held: boolean;
}

export function tableOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ promise }) => promise.length));
  return findings
    .map(
      ({ promise, seen, held }) =>
        `${held ? 'held  ' : 'FAILED'}  ${promise.padEnd(width)}  ${seen}`,
    )
    .join('\n');
}
