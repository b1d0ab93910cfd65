import { maxIdLength } from '#src/domain/instance.ts';

/** Whether a text can be the id of an instance; any other text costs no call. */
export const canBeId = (id: string): boolean => id !== '' && id.length <= maxIdLength;

/**
 * Whether an instance can be read by a GET with its id. An id with other characters, such as `a/b`,
 * is looked for in the list only: a server or proxy may take its path for that of another resource.
 */
export const hasGet = (id: string): boolean => /^[A-Za-z0-9_-]+$/.test(id);
