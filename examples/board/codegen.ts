import type { CodegenConfig } from '@graphql-codegen/cli';

/** Checks the frontend's operations against the published schema, and generates typed documents. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: 'examples/board/src/*.graphql',
  silent: true,
  generates: {
    'examples/board/src/graphql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
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
