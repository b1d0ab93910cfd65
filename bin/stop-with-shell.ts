import process from 'node:process';

/**
 * Sends SIGTERM to this process when its parent exits. npm and npx signal the shell between
 * themselves and this process; a shell such as dash exits without passing the signal on, and this
 * process is then reparented. Only under npm: elsewhere, a server may outlive its parent.
 */
export function stopWithShell(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 100).unref();
}
