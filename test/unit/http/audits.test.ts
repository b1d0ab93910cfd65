import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { startHttp } from '#test/support/http/start-http.ts';

test.each([true, false])(
  'every audit of GraphQL over HTTP passes, with GraphiQL on: %s',
  async (graphiql) => {
    const { url } = await startHttp({ options: { graphiql } });
    const audits = serverAudits({ url, fetchFn: fetch });

    const results = await Promise.all(audits.map((audit) => audit.fn()));

    expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(results).toHaveLength(61);
  },
);
