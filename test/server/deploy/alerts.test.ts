import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { eventOf } from '#test/support/deploy/alert-events.ts';
import { alertRules, alertsFile } from '#test/support/deploy/files.ts';
import { hasPromtool, promtool, promtoolNote, promtoolOn } from '#test/support/deploy/promtool.ts';
import {
  type Scrape,
  scrapeOfNewServer,
  selected,
  selectorsOf,
} from '#test/support/deploy/series.ts';

const isCounter = ({ name }: { readonly name: string }) => /_(?:total|count|bucket)$/.test(name);
const sumOf = (series: readonly (readonly [string, number])[]) =>
  series.reduce((sum, [, value]) => sum + value, 0);

test.each(alertRules)(
  '$alert watches series that exist from the start',
  async ({ alert, expr }) => {
    const before = await scrapeOfNewServer();
    const selectors = selectorsOf(expr);
    if (alert !== 'EnviaaiGraphqlDown') expect(selectors).not.toEqual([]);
    for (const each of selectors) {
      expect(selected(before, each), each.text).not.toEqual([]);
      // A label of a closed set must have each value that the alert names.
      for (const [, pattern] of each.matchers) {
        const values = pattern.source.slice(4, -2).split('|');
        expect(selected(before, each).length, each.text).toBeGreaterThanOrEqual(values.length);
      }
    }
  },
);

test.each(alertRules)('the first event increases what $alert watches', async ({ alert, expr }) => {
  const before = await scrapeOfNewServer();
  const after = await eventOf[alert]?.();
  if (!after) throw new Error('This alert has no event');
  for (const each of selectorsOf(expr).filter(isCounter)) {
    expect(sumOf(selected(before, each)), each.text).toBe(0);
    expect(sumOf(selected(after, each)), each.text).toBeGreaterThan(0);
  }
});

test('each alert says what happened and what to do, and has a severity', () => {
  expect(alertRules.length).toBeGreaterThan(9);
  for (const { labels, annotations } of alertRules) {
    expect(['critical', 'warning']).toContain(labels['severity']);
    expect(Object.keys(annotations)).toEqual(['summary', 'action']);
  }
  expect(Object.keys(eventOf).toSorted()).toEqual(alertRules.map(({ alert }) => alert).toSorted());
});

test('docs/metrics.md explains each alert, with its expression', async () => {
  const page = await readFile('docs/metrics.md', 'utf8');
  const rows = [...page.matchAll(/^\| `(Enviaai\w+)` \| `(.+?)`(?: for (\w+))? \| .+ \|$/gm)];
  const documented = rows.map(([, alert, expr = '', wait]) => [
    alert,
    expr.replaceAll('\\|', '|'),
    wait,
  ]);
  expect(documented).toEqual(
    alertRules.map(({ alert, expr, for: wait }) => [alert, expr.replaceAll(/\s+/g, ' '), wait]),
  );
});

/** Names of metrics that are not the server's. */
const up = (value: number): Scrape => new Map([['up{job="enviaai-graphql"}', value]]);

/** Two scrapes as series of promtool: the second one is repeated. */
function inputOf(before: Scrape, after: Scrape, expr: string) {
  const names = new Set([...selectorsOf(expr).map(({ name }) => name), 'up']);
  const used = [...after.keys()].filter((series) => names.has(series.replace(/\{.*/, '')));
  return used.map((series) => ({
    series,
    values: `${before.get(series) ?? 0} ${Array(24).fill(after.get(series)).join(' ')}`,
  }));
}

const firing = (alert: string) => `count(ALERTS{alertname=~"${alert}", alertstate="firing"})`;

test.skipIf(!hasPromtool)(
  `for Prometheus, each alert fires at the first event, and none without one${promtoolNote}`,
  async () => {
    // The lag of this process is that of the tests.
    const idle = [['nodejs_eventloop_lag_p99_seconds', 0.01]] as const;
    const before = new Map([...(await scrapeOfNewServer()), ...up(1), ...idle]);
    const seconds = (text = '0s') => Number.parseInt(text, 10) * (text.endsWith('m') ? 60 : 1);
    const all = alertRules.map(({ expr }) => expr).join(' ');
    const quiet = {
      interval: '30s',
      input_series: inputOf(before, before, all),
      promql_expr_test: [{ expr: firing('.*'), eval_time: '8m', exp_samples: [] }],
    };
    const events = [];
    for (const { alert, expr, for: wait } of alertRules) {
      const after = new Map([...up(1), ...((await eventOf[alert]?.()) ?? [])]);
      events.push({
        name: alert,
        interval: '30s',
        input_series: inputOf(before, after, expr),
        promql_expr_test: [
          {
            expr: firing(alert),
            eval_time: `${seconds(wait) + 90}s`,
            exp_samples: [{ labels: '{}', value: 1 }],
          },
        ],
      });
    }
    const { code, output } = promtoolOn(
      { rule_files: [resolve(alertsFile)], evaluation_interval: '30s', tests: [quiet, ...events] },
      'test',
      'rules',
    );
    expect(output).not.toContain('FAILED');
    expect(code).toBe(0);
  },
);

test.skipIf(!hasPromtool)(`promtool accepts the rules and Prometheus's file${promtoolNote}`, () => {
  expect(promtool('check', 'rules', alertsFile)).toMatchObject({ code: 0 });
  expect(promtool('check', 'config', 'deploy/prometheus/prometheus.yaml')).toMatchObject({
    code: 0,
  });
});
