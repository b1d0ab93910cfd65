import process from 'node:process';
import { runCost } from './command.ts';

runCost(process.argv.slice(2), ['schema/operations']);
