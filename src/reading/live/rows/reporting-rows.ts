import type { Row } from '#src/domain/row.ts';

/** Events by which EnviaAI reports a change of status. */
const statusEvents = ['instance.connected', 'instance.disconnected'];

/** Webhook URLs of one tenant that are known to lead here. */
const maxUrls = 20;

/**
 * The rows of one tenant whose changes of status are reported by webhooks. The server does not know
 * its public URL, which can also be that of a program that passes deliveries on. So a URL counts
 * from the first event on of an instance that has it, until a poll finds a change of such an
 * instance that no event has reported.
 */
export interface ReportingRows {
  /** The row was read after an event of its instance. */
  confirm(row: Row): void;
  /** The status of a row has changed, and no event has reported it. */
  refute(row: Row): void;
  /** Whether changes of the row's status are reported. */
  readonly has: (row: Row) => boolean;
  readonly isEmpty: () => boolean;
}

export function createReportingRows(): ReportingRows {
  const urls = new Set<string>();
  return {
    confirm({ instance }) {
      if (typeof instance?.webhookUrl !== 'string') return;
      urls.add(instance.webhookUrl);
      const [oldest] = urls;
      if (oldest !== undefined && urls.size > maxUrls) urls.delete(oldest);
    },
    refute({ instance }) {
      if (typeof instance?.webhookUrl === 'string') urls.delete(instance.webhookUrl);
    },
    has({ instance }) {
      if (typeof instance?.webhookUrl !== 'string' || !urls.has(instance.webhookUrl)) return false;
      // EnviaAI's list does not document the events of a row.
      const { webhookEvents } = instance;
      return webhookEvents === null || statusEvents.every((name) => webhookEvents.includes(name));
    },
    isEmpty: () => urls.size === 0,
  };
}
