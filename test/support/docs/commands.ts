/** One command of a shell block. */
export interface Command {
  /** Without its variables and comment. */
  readonly text: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The commands of a block. It parses the part of the shell's grammar that the pages use. */
export function commandsOf(code: string): Command[] {
  return code
    .replaceAll('\\\n', ' ')
    .split(/\n|&&/)
    .map((line) => line.replace(/ # .*/, '').replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, set = '', text = ''] = /^((?:[A-Z_]+=\S* )*)(.*)$/.exec(line) ?? [];
      const env = Object.fromEntries(
        [...set.matchAll(/([A-Z_]+)=(\S*)/g)].map(([, name = '', value = '']) => [name, value]),
      );
      return { text, words: wordsOf(text), env };
    });
}

const wordsOf = (text: string): string[] =>
  [...text.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);

/** The request that a curl command sends. */
export function requestOf({ words }: Command): Request {
  const after = (flag: string) =>
    words.flatMap((word, at) => (words[at - 1] === flag ? [word] : []));
  const headers = after('-H').map((header) => header.split(': ') as [string, string]);
  const [body] = after('-d');
  const url = words.find((word) => word.startsWith('localhost:')) ?? '';
  const given = body === undefined ? {} : { method: 'POST', body };
  return new Request(`http://${url}`, { headers, ...given });
}
