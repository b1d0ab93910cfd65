/** Live calls of a tenant in a minute: half of what its budget has above the reserve. */
export const callsPerMinute = 22;

/** Between two live calls of a tenant, in milliseconds. */
export const callGapMs = Math.ceil(60_000 / callsPerMinute);

/** Between two calls that nudges cause: those of a second are read together at its end. */
export const nudgeGapMs = 1000;
