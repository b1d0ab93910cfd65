import type { CodegenConfig } from '@graphql-codegen/cli';

/** A frontend's own: its operations, checked against the published schema and made into typed documents. */
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
