export const LABEL_CHARS_MAX = 40

/** The label that AWS makes of a distributed Map's name: without what a label may not hold. */
export const labelOf = (name: string): string => name.replace(/[^\w.-]/g, '').slice(0, LABEL_CHARS_MAX) || 'Map'
