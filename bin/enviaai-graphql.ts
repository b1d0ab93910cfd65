#!/usr/bin/env node
import process from 'node:process';

// Whatever Node there is reads this file, so nothing in it is newer than modules are; the rest may be.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  void import('./run.ts');
} else {
  process.stderr.write(
    `enviaai-graphql needs Node 22.19 or later: this is ${process.versions.node}\n`,
  );
  process.exitCode = 1;
}
