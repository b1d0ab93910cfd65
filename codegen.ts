import { printSubgraphSchema } from '@apollo/subgraph';
import type { CodegenConfig } from '@graphql-codegen/cli';
import * as operationTypes from '@graphql-codegen/typescript-operations';
import { GraphQLSchema, Kind, print, printSchema, stripIgnoredCharacters } from 'graphql';
import type { DocumentNode } from 'graphql';
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

const typing = {
  useTypeImports: true,
  enumType: 'string-literal',
  strictScalars: true,
  scalars: { DateTime: 'string', ID: 'string', URL: 'string' },
};

/** The types of documents, and their texts: nothing that a package would have to bring along. */
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

/** Each operation as a constant, with every fragment there is. */
function textsOf(documents: readonly DocumentNode[]): string {
  const definitions = documents.flatMap((document) => document.definitions);
  const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const texts = definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION || !definition.name) return [];
    const name = definition.name.value;
    const text = [definition, ...fragments].map(print).join('\n');
    const constant = `${name.charAt(0).toLowerCase()}${name.slice(1)}Text`;
    return `export const ${constant} =\n  '${stripIgnoredCharacters(text)}';\n`;
  });
  return texts.join('\n');
}

/** Types by name, so that moving a file moves nothing here; fields as the source has them. */
function withTypesByName(schema: GraphQLSchema): GraphQLSchema {
  const { types, ...config } = schema.toConfig();
  return new GraphQLSchema({
    ...config,
    types: types.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
}

const clientSdl = printSchema(withTypesByName(createClientSchema()));

/** What `npm run codegen` writes to `schema/` and `client/`, and `npm test` compares with what stands there. */
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
      // The hash of each document, and the manifest that TRUSTED_DOCUMENTS takes.
      presetConfig: { fragmentMasking: false, persistedDocuments: true },
      config: {
        // So that the output runs as it is under Node's type stripping.
        importExtension: '.ts',
        ...typing,
      },
    },
  },
};

export default config;
