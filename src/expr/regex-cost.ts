/**
 * What matching by RE2 costs, in units of some 50 ns: every budget of this room counts in them. RE2 reads each character
 * once, but keeps as many threads as its program has places to be in. Measured on re2js 2.10: about 100 ns a character
 * for small programs, up to `programSize` times 20 ns for large ones, and some 2.5 us to set up a search.
 */
export const SEARCH_COST = 48

const SMALL_PROGRAM = 64

/** Units a character read, for a program of so many instructions. */
export const readCost = (programSize: number): number => (programSize <= SMALL_PROGRAM ? 1 + programSize / 20 : programSize / 4)
