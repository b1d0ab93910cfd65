import { printSubgraphSchema } from '@apollo/subgraph';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { GraphQLSchema, printSchema } from 'graphql';
import { createClientSchema, createSubgraphSchema } from '#src/graphql/schema.ts';

type Output = Exclude<CodegenConfig['generates'][string], readonly unknown[]>;

/** Writes a text as it is: the plugins that print a schema sort its fields, and drop `@key`. */
const verbatim = (text: string): Output => ({
  preset: {
    buildGeneratesSection: ({ baseOutputDir, schema }) => [
      {
        filename: baseOutputDir,
        plugins: [{ verbatim: {} }],
        pluginMap: { verbatim: { plugin: () => `${text}\n` } },
        schema,
        documents: [],
        config: {},
      },
    ],
  },
});

/** Types by name, so that moving a file moves nothing here; fields as the source has them. */
function withTypesByName(schema: GraphQLSchema): GraphQLSchema {
  const { types, ...config } = schema.toConfig();
  return new GraphQLSchema({
    ...config,
    types: types.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
}

const clientSdl = printSchema(withTypesByName(createClientSchema()));

/** What `npm run codegen` writes to `schema/`, and `npm test` compares with what stands there. */
const config: CodegenConfig = {
  schema: clientSdl,
  documents: 'schema/operations/*.graphql',
  silent: true,
  generates: {
    'schema/schema.graphql': verbatim(clientSdl),
    'schema/subgraph.graphql': verbatim(printSubgraphSchema(createSubgraphSchema())),
    'schema/client/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        // So that the output runs as it is under Node's type stripping.
        importExtension: '.ts',
        useTypeImports: true,
        enumType: 'string-literal',
        strictScalars: true,
        scalars: { DateTime: 'string', ID: 'string', URL: 'string' },
      },
    },
  },
};

export default config;
