import { printSubgraphSchema } from '@apollo/subgraph';
import type { CodegenConfig } from '@graphql-codegen/cli';
import * as operationTypes from '@graphql-codegen/typescript-operations';
import {
  concatAST,
  type DocumentNode,
  GraphQLSchema,
  print,
  printSchema,
  separateOperations,
  stripIgnoredCharacters,
} from 'graphql';
import { createClientSchema, createSubgraphSchema } from '#src/graphql/schema.ts';

type Output = Exclude<CodegenConfig['generates'][string], readonly unknown[]>;

/** Writes a text unchanged: the plugins that print a schema sort its fields, and drop `@key`. */
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

const typing = {
  useTypeImports: true,
  enumType: 'string-literal',
  strictScalars: true,
  scalars: { DateTime: 'string', ID: 'string', URL: 'string' },
};

/** The types and the texts of the client's documents, without runtime dependencies. */
const typesAndTexts: Output = {
  documents: 'client/*.graphql',
  preset: {
    buildGeneratesSection: ({ baseOutputDir, schema, schemaAst, documents }) => [
      {
        filename: baseOutputDir,
        plugins: [{ types: {} }, { texts: {} }],
        pluginMap: {
          types: operationTypes,
          texts: { plugin: (_, files) => textsOf(files.flatMap(({ document }) => document ?? [])) },
        },
        schema,
        ...(schemaAst && { schemaAst }),
        documents,
        config: { ...typing, immutableTypes: true },
      },
    ],
  },
};

/** A constant for each operation: its text, with the fragments that it uses. */
function textsOf(documents: readonly DocumentNode[]): string {
  const operations = Object.entries(separateOperations(concatAST(documents)));
  const texts = operations.map(([name, document]) => {
    const constant = `${name.charAt(0).toLowerCase()}${name.slice(1)}Text`;
    const text = stripIgnoredCharacters(print(document));
    return `export const ${constant} =\n  '${text}';\n`;
  });
  return texts.join('\n');
}

/**
 * Types in alphabetical order, so that moving a file does not change the output. Fields keep the
 * order of the source.
 */
function withTypesByName(schema: GraphQLSchema): GraphQLSchema {
  const { types, ...config } = schema.toConfig();
  return new GraphQLSchema({
    ...config,
    types: types.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
}

const clientSdl = printSchema(withTypesByName(createClientSchema()));

/** `npm run codegen` writes these files to `schema/` and `client/`; `npm test` checks them. */
const config: CodegenConfig = {
  schema: clientSdl,
  silent: true,
  generates: {
    'schema/schema.graphql': verbatim(clientSdl),
    'schema/subgraph.graphql': verbatim(printSubgraphSchema(createSubgraphSchema())),
    'client/generated.ts': typesAndTexts,
    'schema/client/': {
      documents: 'schema/operations/*.graphql',
      preset: 'client',
      // Adds the hash of each document, and writes the manifest for TRUSTED_DOCUMENTS.
      presetConfig: { fragmentMasking: false, persistedDocuments: true },
      config: {
        // Node's type stripping requires file extensions in imports.
        importExtension: '.ts',
        ...typing,
      },
    },
  },
};

export default config;
