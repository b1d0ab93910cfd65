import { type Params, paramsOfBody } from './params.ts';
import { createSizedCache } from './sized-cache.ts';

/** Of bodies that are remembered; longer ones are read each time. In bytes. */
const longestBody = 16 * 1024;

/** Of all of them, with what they were read as, by estimate: some four times their own. */
const mostBytes = 4 * 1024 * 1024;

/** Reads bodies like {@link paramsOfBody}: those that screens send again and again, once. */
export function createBodyReader(byId: boolean): (body: Buffer) => Params {
  const known = createSizedCache<Params>(mostBytes, (text) => text.length * 4);
  return (body) => {
    if (body.length > longestBody) return paramsOfBody(body, byId);
    // A character for each byte: equal bytes, and nothing else, are equal texts.
    const text = body.toString('latin1');
    const before = known.get(text);
    if (before) return before;
    const params = paramsOfBody(body, byId);
    known.set(text, params);
    return params;
  };
}
