import { copyText } from '#src/domain/copies.ts';

/**
 * The name of an operation in logs, metrics and traces: clients choose names of any length. A copy,
 * because these outlive the document that the name is a part of.
 */
export const operationLabel = (name: string | undefined): string =>
  copyText(name?.slice(0, 64) ?? 'anonymous');
