/**
 * The line for an address that a program cannot listen on. Null: the error is another one.
 * The sandbox, which imports nothing of the rest, has its lines in `sandbox/main.ts`.
 */
export function addressProblem(
  error: unknown,
  { host, port }: { readonly host: string; readonly port: number },
): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE': {
      const otherPort = port < 65_535 ? port + 1 : port - 1;
      return `PORT: ${port} is already in use. Use another port, for example PORT=${otherPort}.`;
    }
    case 'EACCES':
      return `PORT: this user has no permission to listen on ${port}.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST: ${host} is not an address of this machine.`;
    default:
      return null;
  }
}
