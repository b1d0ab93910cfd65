import { ConfigError, type Env, parseConfig } from '#src/config/config.ts';

/** The lines that stop the start; none: the server starts. */
export const problemsOf = (env: Env): readonly string[] => {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};
