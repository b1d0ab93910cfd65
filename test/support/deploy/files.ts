import { globSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

/** A value of a parsed file; each test states the shape that it expects. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Parsed = any;

export const yamlFiles: readonly string[] = globSync('deploy/**/*.yaml').toSorted();

/** All documents of a YAML file. Throws for the first error or warning. */
export function parseYaml(path: string): Parsed[] {
  return parseAllDocuments(readFileSync(path, 'utf8')).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw new Error(`${path}: ${problem.message}`);
    return document.toJS();
  });
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const alertsFile = 'deploy/prometheus/alerts.yaml';

export const alertRules: readonly AlertRule[] = parseYaml(alertsFile).flatMap(({ groups }) =>
  groups.flatMap(({ rules }: Parsed) => rules),
);
