import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const manifestShape = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: z.union([z.string(), z.object({ name: z.string() })]).optional(),
  repository: z.union([z.string(), z.object({ url: z.string() })]).optional(),
});

/** Packages under this license ship no text of it in some cases; it is the same for all authors. */
const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The names, licenses and license texts of the packages that contain these files. */
export async function noticesOf(files: readonly string[]): Promise<string> {
  const folders = new Set(files.map(packageOf));
  const notices = await Promise.all([...folders].map(noticeOf));
  return [
    'This package contains the following packages, each under its license.',
    ...new Set(notices.toSorted()),
  ].join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** The folder of a package, from the path of one of its files. */
function packageOf(file: string): string {
  const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
  if (folder === undefined) throw new Error(`${file} is not in a package`);
  return folder;
}

async function noticeOf(folder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const { name, version, license, author, repository } = manifestShape.parse(manifest);
  const source = typeof repository === 'string' ? repository : repository?.url;
  const heading = [`${name} ${version}`, `License: ${license}`, source && `Source: ${source}`];
  const names = (await readdir(folder)).filter((file) =>
    /^(?:licen[sc]e|notice|copying)/i.test(file),
  );
  const texts = await Promise.all(
    names.toSorted().map((file) => readFile(join(folder, file), 'utf8')),
  );
  if (texts.length === 0) {
    if (license !== 'MIT') throw new Error(`${name} has no text of its license, ${license}`);
    const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`);
    texts.push(`Copyright (c) ${holder}\n\n${mit}`);
  }
  return [heading.filter(Boolean).join('\n'), ...texts.map((text) => text.trim())].join('\n\n');
}
