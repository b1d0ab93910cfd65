import { rename } from 'node:fs/promises';

await rename('.cache/package.json', 'package.json');
