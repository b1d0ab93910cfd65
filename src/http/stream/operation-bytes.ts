import type { Tenant } from '#src/domain/tenant.ts';
import { limitExceeded } from '#src/graphql/errors.ts';

/** What a subscription keeps in memory of its request, for as long as it is open. */
export interface SentOperation {
  readonly document: string;
  readonly variablesJson: string;
}

/** Bounds the memory that the operations of a key take. Operations that are shared count once. */
export interface OperationBytes {
  /** Throws an error for the client if there is no room for the operation. */
  readonly assertRoom: (tenant: Tenant, operation: SentOperation) => void;
  /** Counts the operation, until the returned function is called. */
  readonly add: (tenant: Tenant, operation: SentOperation) => () => void;
}

/** Of one operation: a thousand ids, the most that are useful, take half of it. */
const maxBytes = 64 * 1024;

/** Of one key: as many streams as it may have, each with an operation of 1.6 KB of its own. */
const maxTenantBytes = 16 * 1024 * 1024;

const bytesOf = ({ document, variablesJson }: SentOperation): number =>
  Buffer.byteLength(document) + Buffer.byteLength(variablesJson);

export function createOperationBytes(): OperationBytes {
  const byTenant = new Map<Tenant, number>();

  function change(tenant: Tenant, bytes: number): void {
    const sum = (byTenant.get(tenant) ?? 0) + bytes;
    if (sum > 0) byTenant.set(tenant, sum);
    else byTenant.delete(tenant);
  }

  return {
    assertRoom(tenant, operation) {
      const bytes = bytesOf(operation);
      if (bytes > maxBytes) {
        throw limitExceeded(
          null,
          `A subscription may have a document and variables of ${maxBytes} bytes together.`,
        );
      }
      if ((byTenant.get(tenant) ?? 0) + bytes <= maxTenantBytes) return;
      throw limitExceeded(
        null,
        `The different subscriptions of an API key may have documents and variables of ${maxTenantBytes} bytes together.`,
      );
    },
    add(tenant, operation) {
      const bytes = bytesOf(operation);
      change(tenant, bytes);
      return () => change(tenant, -bytes);
    },
  };
}
