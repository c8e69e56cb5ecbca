/** Money is counted in whole pico-dollars: no known price of a token has more digits. */
export const PICO_PER_DOLLAR = 1e12;
