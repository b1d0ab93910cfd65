import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { BudgetDocument } from './graphql/graphql.ts';
import type { RateLimit } from './read-rows.ts';
import type { Watched } from './watch-rows.ts';

const pauseMs = 5000;

/** The requests that are left: after each event of a stream, and every 5 s. Null: not known. */
export function useBudget(watched: Watched): RateLimit | null {
  const client = useClient();
  const [rateLimit, setRateLimit] = useState<RateLimit | null>(null);
  useEffect(() => {
    if (watched.stream !== 'live') return undefined;
    let ended = false;
    const read = async () => {
      const { data } = await client.query(BudgetDocument, {}).toPromise();
      if (data && !ended) setRateLimit(data.rateLimit);
    };
    void read();
    const timer = setInterval(() => void read(), pauseMs);
    return () => {
      ended = true;
      clearInterval(timer);
    };
  }, [client, watched]);
  return rateLimit;
}
