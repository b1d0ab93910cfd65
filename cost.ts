import process from 'node:process';
import { runCost } from '#cost/command.ts';

runCost(process.argv.slice(2), ['schema/operations']);
