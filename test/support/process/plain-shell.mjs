#!/usr/bin/env node
// A shell that knows commands with arguments only: no exec, no $( ), no variables. Like cmd.exe and
// the shell of Yarn, it forwards no signal.
import { spawn } from 'node:child_process';
import process from 'node:process';

const script = process.argv[3] ?? '';
const [command = '', ...args] = script.split(' ');
if (command === 'exec' || /[$`'"();|]/.test(script)) {
  process.stderr.write(`not understood: ${script}\n`);
  process.exit(127);
}
spawn(command, args, { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
