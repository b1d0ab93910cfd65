import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCodes } from '#src/graphql/error-codes.ts';
import { parseConfig, variableNames } from '#src/config/config.ts';
import { startWarnings } from '#src/config/start-warnings.ts';
import { alertRules, type Parsed, parseYaml, yamlFiles } from '#test/support/deploy/files.ts';
import { start } from '#test/support/start.ts';

const one = (path: string): Parsed => parseYaml(path)[0];
const kubernetes = (name: string): Parsed => one(`deploy/kubernetes/${name}.yaml`);

const compose = one('deploy/compose.yaml');
const prometheus = one('deploy/prometheus/prometheus.yaml');
const deployment = kubernetes('deployment');
const pod: Parsed = deployment.spec.template.spec;
const [container] = pod.containers;

/** Times in seconds that a stop takes: docs/operation.md. */
const { requestTimeoutMs } = parseConfig({});
const stopSeconds = requestTimeoutMs / 1000 + 1;

const envOf = Object.fromEntries(container.env.map(({ name, value }: Parsed) => [name, value]));

test.each(yamlFiles)('%s is valid YAML', (path) => {
  expect(parseYaml(path).length).toBeGreaterThan(0);
});

test('every variable that deploy/ names is one of the server, or of Node', () => {
  expect(yamlFiles.length).toBeGreaterThan(7);
  const others = new Set<string>(['NODE_OPTIONS', ...errorCodes]);
  for (const path of yamlFiles) {
    const named = readFileSync(path, 'utf8').match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
    const unknown = named.filter((name) => !variableNames.includes(name) && !others.has(name));
    expect(unknown, path).toEqual([]);
  }
});

test.each([
  ['Kubernetes', envOf],
  ['Compose', { NODE_ENV: 'production', ...compose.services.graph.environment }],
])('the server starts with the variables of %s, without a warning', (_, env) => {
  expect(parseConfig(env)).toMatchObject({ production: true, listen: { port: 4000 } });
  expect(startWarnings(parseConfig(env), env)).toEqual([]);
});

test('the ports are those that the server listens on', () => {
  const { port } = parseConfig(envOf).listen;
  expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
  expect(kubernetes('service').spec.ports[0].targetPort).toBe('http');
  expect(compose.services.graph.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  const annotations = deployment.spec.template.metadata.annotations;
  expect(annotations['prometheus.io/port']).toBe(String(port));
  expect(prometheus.scrape_configs[0].dns_sd_configs[0].port).toBe(port);
});

test('the server answers every probe and scrape', async () => {
  const { url } = await start();
  const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map(
    (name) => container[name].httpGet,
  );
  for (const { port } of probes) expect(port).toBe('http');
  const annotations = deployment.spec.template.metadata.annotations;
  for (const path of [
    ...probes.map(({ path: of }) => of),
    annotations['prometheus.io/path'],
    prometheus.scrape_configs[0].metrics_path,
  ]) {
    expect((await fetch(new URL(path, url))).status, path).toBe(200);
  }
  expect(container.livenessProbe.httpGet.path).toBe('/healthz');
  expect(container.readinessProbe.httpGet.path).toBe('/readyz');
});

test('a server has the time to finish its requests before it is killed', () => {
  const [, seconds] = container.lifecycle.preStop.exec.command;
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + stopSeconds);
  expect(Number.parseInt(compose.services.graph.stop_grace_period, 10)).toBeGreaterThan(
    stopSeconds,
  );
});

test('the Service, the disruption budget and the spread select the pods of the Deployment', () => {
  const { labels } = deployment.spec.template.metadata;
  const [redis, redisService] = parseYaml('deploy/kubernetes/redis.yaml');
  for (const [selector, of] of [
    [deployment.spec.selector.matchLabels, labels],
    [kubernetes('service').spec.selector, labels],
    [kubernetes('pod-disruption-budget').spec.selector.matchLabels, labels],
    [pod.topologySpreadConstraints[0].labelSelector.matchLabels, labels],
    [redis.spec.selector.matchLabels, redis.spec.template.metadata.labels],
    [redisService.spec.selector, redis.spec.template.metadata.labels],
  ]) {
    expect(of).toMatchObject(selector);
    expect(Object.keys(selector)).not.toEqual([]);
  }
  expect(labels).not.toEqual(redis.spec.template.metadata.labels);
  // One pod can be stopped, and another one serves.
  expect(kubernetes('pod-disruption-budget').spec.maxUnavailable).toBeLessThan(
    deployment.spec.replicas,
  );
});

test('REDIS_URL is the Redis that is started beside the server', () => {
  const [, service] = parseYaml('deploy/kubernetes/redis.yaml');
  const [{ port }] = service.spec.ports;
  expect(envOf['REDIS_URL']).toBe(`redis://${service.metadata.name}:${port}`);
  const { hostname } = new URL(compose.services.graph.environment.REDIS_URL);
  expect(Object.keys(compose.services)).toContain(hostname);
  const [redis] = parseYaml('deploy/kubernetes/redis.yaml');
  const args: string = redis.spec.template.spec.containers[0].args.join(' ');
  for (const command of [args, compose.services.redis.command]) {
    expect(command).toContain('--maxmemory-policy volatile-lru');
  }
});

test('the containers run as the user of the image, and write no files', () => {
  const [, user] = /^USER (\d+):/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: Number(user) });
  expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
  expect(compose.services.graph.read_only).toBe(true);
});

test('every file that another one names is there, and the tag is the version', () => {
  const { resources, images } = kubernetes('kustomization');
  const named = resources.map((path: string) => join('deploy/kubernetes', path));
  const present = yamlFiles.filter(
    (path) => path.startsWith('deploy/kubernetes/') && !path.endsWith('/kustomization.yaml'),
  );
  expect(named.toSorted()).toEqual(present);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(images).toEqual([{ name: container.image, newTag: version }]);
  for (const path of prometheus.rule_files)
    expect(existsSync(join('deploy/prometheus', path))).toBe(true);
  const [volume] = compose.services.prometheus.volumes;
  const [host, target] = volume.split(':');
  expect(existsSync(join('deploy', host, 'prometheus.yaml'))).toBe(true);
  expect(compose.services.prometheus.command).toBe(`--config.file=${target}/prometheus.yaml`);
  expect(existsSync(join('deploy', compose.services.graph.build, 'Dockerfile'))).toBe(true);
});

test('the alert for a server that is down names the job of the scrape', () => {
  const [job] = prometheus.scrape_configs;
  const down = alertRules.find(({ expr }) => expr.startsWith('up{'));
  expect(down?.expr).toBe(`up{job="${job.job_name}"} == 0`);
  const [name] = job.dns_sd_configs[0].names;
  expect(Object.keys(compose.services)).toContain(name);
});
