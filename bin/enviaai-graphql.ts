#!/usr/bin/env node
import process from 'node:process';

// Old versions of Node run this file too, so it uses no syntax or API newer than ES modules.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  void import('./run.ts');
} else {
  process.stderr.write(
    `enviaai-graphql needs Node 22.19 or later; this is Node ${process.versions.node}. ` +
      'Install Node 24 (https://nodejs.org), or on Linux run: npx --yes -p node@24 enviaai-graphql\n',
  );
  process.exitCode = 1;
}
