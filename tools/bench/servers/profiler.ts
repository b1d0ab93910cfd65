import { writeFile } from 'node:fs/promises';
import { type Profiler, Session } from 'node:inspector/promises';

const samplingIntervalUs = 200;

/**
 * Starts a CPU profile of this process. The returned function stops it and writes it to the file.
 */
export async function startProfile(file: string): Promise<() => Promise<void>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs });
  await session.post('Profiler.start');
  return async () => {
    const { profile }: { readonly profile: Profiler.Profile } = await session.post('Profiler.stop');
    session.disconnect();
    await writeFile(file, JSON.stringify(profile));
  };
}
