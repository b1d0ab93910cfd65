/**
 * Open loop: sends at a steady rate, whether or not the earlier operations are answered, as clients
 * do.
 */
export async function paced(
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  sendOne: (number: number) => Promise<void>,
): Promise<void> {
  const sent: Promise<void>[] = [];
  const total = perSecond * seconds;
  const startedAt = performance.now();
  while (sent.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * perSecond));
    while (sent.length < due) sent.push(sendOne(sent.length));
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await Promise.all(sent);
}
