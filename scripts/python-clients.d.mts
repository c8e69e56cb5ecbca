/** Gives the Python that has the SDKs, or the reason why there is none. */
export function preparePython(): { python: string; reason?: undefined } | { python?: undefined; reason: string };
