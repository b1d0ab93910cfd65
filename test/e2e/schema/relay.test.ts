import { copyFile, glob, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, temporaryFolder } from '#test/support/schema/run.ts';

const screen = `
  import { graphql } from 'react-relay';

  export const screen = graphql\`
    query ScreenQuery($count: Int = 50, $cursor: String, $status: InstanceStatusFilter) {
      ...Screen_instances @arguments(count: $count, cursor: $cursor, status: $status)
    }
  \`;

  export const list = graphql\`
    fragment Screen_instances on Query
    @refetchable(queryName: "ScreenNextQuery")
    @argumentDefinitions(
      count: { type: "Int", defaultValue: 50 }
      cursor: { type: "String" }
      status: { type: "InstanceStatusFilter" }
    ) {
      instances(first: $count, after: $cursor, status: $status)
        @connection(key: "Screen_instances") {
        totalCount
        edges {
          node {
            ...Screen_instance
          }
        }
      }
    }
  \`;

  export const row = graphql\`
    fragment Screen_instance on Instance @refetchable(queryName: "ScreenRowQuery") {
      id
      name
      lastSeenAt
      profilePicUrl
    }
  \`;
`;

test('relay-compiler accepts the schema, a paginated list and a refetchable fragment', async () => {
  const folder = await temporaryFolder();
  const config = {
    src: './src',
    schema: './schema.graphql',
    language: 'typescript',
    customScalarTypes: { DateTime: 'string', URL: 'string' },
    requireCustomScalarTypes: true,
  };
  await mkdir(join(folder, 'src'));
  await copyFile('schema/schema.graphql', join(folder, 'schema.graphql'));
  await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'src/Screen.ts'), screen);

  const { code, output } = await run('relay-compiler/cli.js', [], folder);

  expect(output).not.toMatch(/error|warn/i);
  expect(code).toBe(0);
  const artifacts = await Array.fromAsync(glob('src/__generated__/*.ts', { cwd: folder }));
  expect(artifacts.map((path) => path.replace(/^.*\//, '')).toSorted()).toEqual([
    'ScreenNextQuery.graphql.ts',
    'ScreenQuery.graphql.ts',
    'ScreenRowQuery.graphql.ts',
    'Screen_instance.graphql.ts',
    'Screen_instances.graphql.ts',
  ]);
});
