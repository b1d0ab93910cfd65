export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** Returns a function that takes the next part of a stream, and returns the events it completes. */
export function createEventParser(): (part: string) => ServerSentEvent[] {
  let rest = '';
  return (part) => {
    const text = rest + part;
    // The next part may begin with the second half of a line's end.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const blocks = text.slice(0, end).replace(/\r\n?/g, '\n').split('\n\n');
    rest = (blocks.pop() ?? '') + text.slice(end);
    return blocks.map(eventOf).filter(({ event }) => event !== '');
  };
}

/** A block of only comments has no event. */
function eventOf(block: string): ServerSentEvent {
  let event = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(event|data)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data.push(value);
  }
  return { event, data: data.join('\n') };
}
