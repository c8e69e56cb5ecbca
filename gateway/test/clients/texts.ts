/** What the clients of all dialects say and are told in these tests. */

export const WEATHER = {
  name: 'get_weather',
  description: 'The weather in a city',
  schema: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const } },
    required: ['city'],
    additionalProperties: false as const,
  },
};

export const TIME = {
  name: 'get_time',
  description: 'The time in a zone',
  schema: {
    type: 'object' as const,
    properties: { zone: { type: 'string' as const } },
    required: ['zone'],
    additionalProperties: false as const,
  },
};

/** Two calls in one turn, told in turns where the dialect can. */
export const TWO_CALLS = {
  parallel: true,
  toolCalls: [
    { name: WEATHER.name, arguments: { city: 'Zürich' }, pieces: ['{"ci', 'ty":"Z', 'ürich"}'] },
    { name: TIME.name, arguments: { zone: 'Europe/Zurich' }, pieces: ['{"zone"', ':"Europe/', 'Zurich"}'] },
  ],
};

export const LONG_TEXT = 'One two three, 四五六 and – finally – seven 🎉 of them.';
