import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { inflate } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-pings',
  '--font-render-hinting=none',
  // The browser itself sends requests too: no host name resolves but localhost.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
];

/** Starts a browser that reaches this machine only: that of npm on Linux x64, else Chrome. */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return chromium.launch({ args, channel: 'chrome' });
  }
  const home = await unpack();
  return chromium.launch({
    args,
    executablePath: join(home, 'chromium'),
    env: {
      ...process.env,
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
      // Libraries that a bare system lacks.
      LD_LIBRARY_PATH: [process.env['LD_LIBRARY_PATH'], join(home, 'al2023', 'lib')]
        .filter(Boolean)
        .join(':'),
    },
  });
}

const fontsConf = (home: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${home}/fonts</dir><cachedir>${home}/fonts-cache</cachedir></fontconfig>
`;

/** The folder with the browser, its fonts and libraries: created once, by an atomic rename. */
async function unpack(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const root = dirname(dirname(main));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const home = join(tmpdir(), `enviaai-graphql-chromium-${version}`);
  if (existsSync(home)) return home;

  const partial = await mkdtemp(`${home}-`);
  await writeFile(join(partial, 'fonts.conf'), fontsConf(home));
  await inflateInto(
    partial,
    ['chromium.br', 'fonts.tar.br', 'al2023.tar.br'].map((name) => join(root, 'bin', name)),
  );
  try {
    await rename(partial, home);
  } catch (error) {
    // Another process was faster.
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  return home;
}

/** `inflate` unpacks into TMPDIR. */
async function inflateInto(folder: string, files: readonly string[]): Promise<void> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    await Promise.all(files.map((file) => inflate(file)));
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
