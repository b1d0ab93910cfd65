import process from 'node:process';
import { Gauge, type Registry } from 'prom-client';

/** The version of the server, and of the Node that it runs on. */
export function createBuildMetrics(registry: Registry, version: string): void {
  new Gauge({
    name: 'enviaai_build_info',
    help: 'Always 1. The labels have the version of this server and of its Node.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  }).set({ version, node_version: process.versions.node }, 1);
}
