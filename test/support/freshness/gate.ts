import { onTestFinished } from 'vitest';
import type { TestClock } from '#test/support/clock.ts';
import { start, type Started, type StartOptions } from '#test/support/start.ts';
import { startUpstream } from '#test/support/upstream.ts';

export interface Gated extends Started {
  /** Calls that arrive from now on are held back, as a slow upstream would. */
  shut(): void;
  /** Answers all that were held back, by how things stand now, and holds nothing back any more. */
  open(): void;
  /** Answers one that was held back, by default the first. */
  answerOne(index?: number): void;
  /** Answers all that were held back; calls that arrive from now on are held back again. */
  pass(): void;
  /** How many are held back. */
  held(): number;
}

/** The whole server over a sandbox with a gate before it. */
export async function startGated(options: StartOptions & { clock: TestClock }): Promise<Gated> {
  const held: (() => void)[] = [];
  const answerAll = () => {
    for (const answer of held.splice(0)) answer();
  };
  let isShut = false;
  let target = '';
  const upstream = await startUpstream(async ({ url = '', headers }, response) => {
    if (isShut) await new Promise<void>((resolve) => held.push(resolve));
    const { authorization = '' } = headers;
    const answer = await fetch(target + url, { headers: { authorization } });
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      date: answer.headers.get('date') ?? '',
      ...Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith('x-rate'))),
    });
    response.end(await answer.text());
  });
  onTestFinished(() => upstream.close());
  const server = await start({ ...options, upstream: upstream.url.href });
  target = server.sandbox.url;
  return {
    ...server,
    shut: () => {
      isShut = true;
    },
    open: () => {
      isShut = false;
      answerAll();
    },
    answerOne: (index = 0) => {
      for (const answer of held.splice(index, 1)) answer();
    },
    pass: answerAll,
    held: () => held.length,
  };
}
