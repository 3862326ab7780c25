/** For tests: a text or a number as whichever id is wanted where it stands. */
export const asId = <Id extends string | number>(value: string | number): Id => value as Id
