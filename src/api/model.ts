/**
 * The shapes of the API, taken from AWS's own SDK at compile time: an operation, member or value that AWS has and we do not
 * (or that we have and AWS does not) fails the build. Nothing of the SDK is there at run time.
 */
import type * as sfn from '@aws-sdk/client-sfn'

type CommandName = Extract<keyof typeof sfn, `${string}Command`>
export type OperationName = CommandName extends `${infer Name}Command` ? (Name extends '$' ? never : Name) : never

type Constructor = abstract new (...parameters: never) => unknown
type CommandOf<N extends OperationName> = (typeof sfn)[`${N}Command` & keyof typeof sfn] extends infer C extends Constructor
  ? InstanceType<C>
  : never

/** What a caller sends. Members that AWS requires may still be absent: `Input` checks them. */
export type InputOf<N extends OperationName> = CommandOf<N> extends { readonly input: infer I } ? I : never

/** What we answer: the SDK's output as it goes over the wire. */
export type OutputOf<N extends OperationName> =
  CommandOf<N> extends { resolveMiddleware(...parameters: never): (...parameters: never) => Promise<{ output: infer O }> }
    ? Wire<Omit<O, '$metadata'>>
    : never

/** Times are epoch seconds in AWS JSON. */
export type Wire<T> = T extends Date
  ? number
  : T extends readonly (infer E)[]
    ? readonly Wire<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> }
      : T
