/** A string or number that only its own maker can produce: `Brand<string, 'ExecutionArn'>`. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name }
