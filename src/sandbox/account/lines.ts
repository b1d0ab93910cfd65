import type { SandboxAccount } from './account.ts';
import type { Behaviour } from './behaviour.ts';
import { qrImage } from './qr-image.ts';
import type { VendorRow, VendorStatus } from './vendor-row.ts';

/** How long codes are valid [D]: the first for a minute, five more for 20 seconds each. */
export interface QrLifetimes {
  readonly firstMs: number;
  readonly nextMs: number;
  readonly codes: number;
}

export const documentedLifetimes: QrLifetimes = { firstMs: 60_000, nextMs: 20_000, codes: 6 };

export interface Code {
  readonly image: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface LineEvent {
  readonly event: 'instance.connected' | 'instance.disconnected' | 'instance.qr_updated';
  readonly id: string;
  readonly at: number;
}

/** The connections of an account's instances to WhatsApp, and the attempts to link a phone. */
export interface Lines {
  /** Applies the expiries until now: the next code, or the end of an attempt without a scan. */
  settle(): void;
  /** The code to scan. Undefined: no attempt runs. */
  code(id: string): Code | undefined;
  /** Starts an attempt, in place of one that runs. */
  start(id: string): Code;
  /** The phone is linked: by a scan, or by the official API. */
  connect(
    id: string,
    fields: { readonly phone?: string; readonly profileName?: string },
  ): VendorRow;
  /** Ends the connection, or the attempt. */
  disconnect(id: string): void;
  /** Sets a status without more, and ends an attempt. `at` is the time; the default is now. */
  setStatus(id: string, status: VendorStatus, at?: number): VendorRow;
  /** Ends the code of a running attempt now, or the attempt. False: there is none. */
  expire(id: string, what: 'code' | 'attempt'): boolean;
  lifetimes: QrLifetimes;
  /** When the next code expires. Undefined: no attempt runs. */
  nextExpiry(): number | undefined;
  /** ISO 8601. Null: not connected. */
  connectedAt(row: VendorRow): string | null;
  /** Ids of lines of the official API, which have no QR code. */
  readonly official: Set<string>;
  forget(id: string): void;
}

interface Attempt {
  readonly number: number;
  readonly code: number;
  readonly until: number;
}

export interface LinesParts {
  readonly account: SandboxAccount;
  readonly behaviour: () => Behaviour;
  readonly now: () => number;
  readonly onEvent: (event: LineEvent) => void;
}

export function createLines({ account, behaviour, now, onEvent }: LinesParts): Lines {
  const attempts = new Map<string, Attempt>();
  const connectedSince = new Map<string, string>();
  let started = 0;

  /** Changes a row, and reports the event that its new status is. */
  const change = (
    id: string,
    fields: VendorRow & { readonly status: VendorStatus },
    at = now(),
  ) => {
    const before = account.find(id)?.status;
    const row = account.update(id, fields, at);
    const { status } = fields;
    if (status !== before && (status === 'connected' || status === 'disconnected')) {
      onEvent({ event: `instance.${status}`, id, at });
    }
    return row;
  };
  /** The code of now, or the last one, which ended before. */
  const advance = (id: string, attempt: Attempt, { nextMs, codes }: QrLifetimes): Attempt => {
    let current = attempt;
    while (current.until <= now() && current.code < codes) {
      const { number, code, until } = current;
      current = { number, code: code + 1, until: until + nextMs };
      attempts.set(id, current);
      onEvent({ event: 'instance.qr_updated', id, at: until });
    }
    return current;
  };
  const codeOf = (id: string, { number, code, until }: Attempt): Code => ({
    image: qrImage(`${id} attempt ${number} code ${code}`),
    expiresAt: new Date(until).toISOString(),
  });
  const iso = () => new Date(now()).toISOString();

  return {
    lifetimes: documentedLifetimes,
    official: new Set(),
    settle() {
      const over: { readonly id: string; readonly at: number }[] = [];
      for (const [id, attempt] of attempts) {
        const { until } = advance(id, attempt, this.lifetimes);
        if (until <= now()) over.push({ id, at: until });
      }
      for (const { id, at } of over.toSorted((a, b) => a.at - b.at)) {
        attempts.delete(id);
        change(id, { status: 'disconnected' }, at);
      }
    },
    code(id) {
      const attempt = attempts.get(id);
      return attempt && codeOf(id, attempt);
    },
    start(id) {
      started += 1;
      const attempt = { number: started, code: 1, until: now() + this.lifetimes.firstMs };
      attempts.set(id, attempt);
      connectedSince.delete(id);
      change(id, { status: behaviour().pendingInList });
      onEvent({ event: 'instance.qr_updated', id, at: now() });
      return codeOf(id, attempt);
    },
    connect(id, { phone, profileName }) {
      attempts.delete(id);
      connectedSince.set(id, iso());
      const row = account.find(id);
      return change(id, {
        status: 'connected',
        phone: phone ?? row?.['phone'] ?? phoneOf(id),
        profileName: profileName ?? row?.['profileName'] ?? row?.['name'],
        lastSeenAt: iso(),
      });
    },
    disconnect(id) {
      const wasConnected = account.find(id)?.status === 'connected';
      attempts.delete(id);
      connectedSince.delete(id);
      change(id, { status: 'disconnected', ...(wasConnected && { lastSeenAt: iso() }) });
    },
    setStatus(id, status, at = now()) {
      attempts.delete(id);
      connectedSince.delete(id);
      if (status === 'connected') connectedSince.set(id, new Date(at).toISOString());
      return change(id, { status }, at);
    },
    expire(id, what) {
      const attempt = attempts.get(id);
      if (!attempt) return false;
      const code = what === 'attempt' ? this.lifetimes.codes : attempt.code;
      attempts.set(id, { ...attempt, code, until: now() });
      this.settle();
      return true;
    },
    nextExpiry() {
      const times = [...attempts.values()].map(({ until }) => until);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    connectedAt(row) {
      if (row.status !== 'connected') return null;
      const since = connectedSince.get(String(row.id)) ?? row['lastSeenAt'] ?? row['createdAt'];
      return typeof since === 'string' ? since : null;
    },
    forget(id) {
      attempts.delete(id);
      connectedSince.delete(id);
      this.official.delete(id);
    },
  };
}

/** The phone number that an instance gets at its first scan, unless the scan names one. */
function phoneOf(id: string): string {
  let number = 0;
  for (const character of id) number = (number * 31 + (character.codePointAt(0) ?? 0)) % 1e8;
  return `55119${String(number).padStart(8, '0')}`;
}
