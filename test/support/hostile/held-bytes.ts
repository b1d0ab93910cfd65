import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The memory that is still in use after the function, by what it returns and by what it has filled. */
export function heldBytes(fill: () => unknown): number {
  const before = usedBytes();
  const kept = { value: fill() };
  const after = usedBytes();
  // Referenced after the measurement, so that it is not collected before.
  return kept.value === undefined ? 0 : after - before;
}
