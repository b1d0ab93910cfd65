import { configs, parser, rules } from '@graphql-eslint/eslint-plugin';
import { ESLint, type Linter } from 'eslint';
import { expect, test } from 'vitest';

/** The problems that a set of rules finds in the files, with exceptions. */
async function problemsIn(
  kind: 'schema-recommended' | 'schema-relay' | 'operations-recommended',
  files: string,
  exceptions: Linter.RulesRecord = {},
): Promise<string[]> {
  const plugin = { rules } as unknown as NonNullable<Linter.Config['plugins']>[string];
  const config: Linter.Config = {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': plugin },
    languageOptions: {
      parser,
      parserOptions: {
        graphQLConfig: {
          schema: 'schema/schema.graphql',
          documents: 'schema/operations/*.graphql',
        },
      },
    },
    rules: { ...(configs[`flat/${kind}`].rules as Linter.RulesRecord), ...exceptions },
  };
  const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: config });
  const results = await eslint.lintFiles(files);
  expect(results).not.toEqual([]);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, line, message }) => `${line} ${ruleId}: ${message}`),
  );
}

test('the schema follows the recommended rules', async () => {
  const withoutId = [
    'InstanceSettings',
    'InstanceDetails',
    'InstanceStats',
    'InstanceHealth',
    'QrCode',
    'UserError',
    'CreateInstancePayload',
    'UpdateInstancePayload',
    'ConnectInstancePayload',
    'DisconnectInstancePayload',
    'InstanceConnection',
    'InstanceEdge',
    'PageInfo',
    'InstanceChanges',
    'QrCodeEvent',
    'RateLimit',
  ];
  const exceptions: Linter.RulesRecord = {
    // Types without identity have no id.
    '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { types: withoutId } }],
  };
  expect(await problemsIn('schema-recommended', 'schema/schema.graphql', exceptions)).toEqual([]);
});

test('the connection follows the Relay rules', async () => {
  const exceptions: Linter.RulesRecord = {
    // `nodes` is a list without edges.
    '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
  };
  expect(await problemsIn('schema-relay', 'schema/schema.graphql', exceptions)).toEqual([]);
});

test('the example documents follow the recommended rules', async () => {
  expect(await problemsIn('operations-recommended', 'schema/operations/*.graphql')).toEqual([]);
});
