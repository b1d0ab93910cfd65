// Fails if the packages of test/e2e/packages are not installed. Plain JavaScript, because old
// versions of Node run this file too.
import { existsSync } from 'node:fs';
import process from 'node:process';

if (!existsSync('node_modules/enviaai-graphql-e2e')) {
  process.stderr.write(
    'This needs all packages. Run: npm ci --workspaces --include-workspace-root\n',
  );
  process.exitCode = 1;
}
