import type { Started } from '#test/support/start.ts';

/** One figure of `GET /metrics`: its name, with its labels as they stand there. */
export async function figure(server: Started, name: string): Promise<number> {
  const page = await (await fetch(new URL('/metrics', server.url))).text();
  const line = page.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}
