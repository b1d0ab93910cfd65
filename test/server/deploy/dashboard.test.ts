import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Parsed } from '#test/support/deploy/files.ts';
import { hasPromtool, promtoolNote, promtoolOn } from '#test/support/deploy/promtool.ts';
import { scrapeOfNewServer, selected, selectorsOf } from '#test/support/deploy/series.ts';

const dashboard: Parsed = JSON.parse(await readFile('deploy/grafana/dashboard.json', 'utf8'));
const panels: Parsed[] = dashboard.panels;
const targets = panels.flatMap(({ title, targets: of }) =>
  of.map(({ expr }: Parsed) => ({ title, expr })),
) as { title: string; expr: string }[];

test('every panel of the dashboard has a title, a description and a place of its own', () => {
  expect(panels.length).toBeGreaterThan(9);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length);
  for (const { title, description, gridPos } of panels) {
    expect([title, description].filter(Boolean)).toHaveLength(2);
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  }
});

test('every metric of the dashboard exists from the start', async () => {
  const scraped = await scrapeOfNewServer();
  expect(targets.length).toBeGreaterThan(panels.length);
  for (const { title, expr } of targets) {
    expect(selectorsOf(expr), title).not.toEqual([]);
    for (const each of selectorsOf(expr)) {
      expect(selected(scraped, each), `${title}: ${each.text}`).not.toEqual([]);
    }
  }
});

test('every label by which the dashboard groups or names is one of its metrics', async () => {
  const scraped = await scrapeOfNewServer();
  for (const panel of panels) {
    for (const { expr, legendFormat } of panel.targets) {
      const grouped = [...expr.matchAll(/\bby \(([^)]+)\)/g)].flatMap(([, labels]) =>
        labels.split(/,\s*/),
      );
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      const series = selectorsOf(expr).flatMap((each) => selected(scraped, each));
      const labels = series.flatMap(([name]) =>
        [...name.matchAll(/(\w+)="/g)].map(([, label]) => label),
      );
      const known = new Set([...labels, 'instance']);
      const unknown = [...grouped, ...named].filter((label) => !known.has(label));
      expect(unknown, panel.title).toEqual([]);
    }
  }
});

test('a metric that does not exist is found', async () => {
  const scraped = await scrapeOfNewServer();
  const wrong = 'rate(enviaai_operations_totals{instance=~"$instance"}[5m])';
  expect(selectorsOf(wrong).flatMap((each) => selected(scraped, each))).toEqual([]);
  expect(selectorsOf('enviaai_store_up{instance="a"}')).toHaveLength(1);
});

test.skipIf(!hasPromtool)(`promtool accepts every query of the dashboard${promtoolNote}`, () => {
  const rules = targets.map(({ expr }, index) => ({
    record: `panel:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }));
  const check = (content: object) => promtoolOn(content, 'check', 'rules');
  expect(check({ groups: [{ name: 'panels', rules }] })).toMatchObject({ code: 0 });
  const broken = [{ record: 'panel:0', expr: 'sum(' }];
  expect(check({ groups: [{ name: 'panels', rules: broken }] })).not.toMatchObject({ code: 0 });
});
