import { writeFile } from 'node:fs/promises';
import { type Profiler, Session } from 'node:inspector/promises';

const betweenSamplesUs = 200;

/** Profiles this process until the returned function is called, which writes what was seen. */
export async function startProfile(file: string): Promise<() => Promise<void>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: betweenSamplesUs });
  await session.post('Profiler.start');
  return async () => {
    const { profile }: { readonly profile: Profiler.Profile } = await session.post('Profiler.stop');
    session.disconnect();
    await writeFile(file, JSON.stringify(profile));
  };
}
