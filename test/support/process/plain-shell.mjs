#!/usr/bin/env node
// A shell with commands and arguments only: no exec, no $( ), no variables. A substitute for
// cmd.exe and Yarn's shell. It does not pass signals on.
import { spawn } from 'node:child_process';
import process from 'node:process';

const script = process.argv[3] ?? '';
const [command = '', ...args] = script.split(' ');
if (command === 'exec' || /[$`'"();|]/.test(script)) {
  process.stderr.write(`not supported: ${script}\n`);
  process.exit(127);
}
spawn(command, args, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
