import type { Control } from '../control/control.ts'

import type { Input } from './input.ts'
import type { InputOf, OperationName, OutputOf } from './model.ts'

/** Checks the shape of the input, calls a verb, renders its answer. `signal` aborts when the caller has gone. */
export type Operation<N extends OperationName> = (
  control: Control,
  input: Input<InputOf<N>>,
  signal: AbortSignal,
) => Promise<OutputOf<N>>

/** One operation for each name that AWS has. */
export type Operations = { readonly [N in OperationName]: Operation<N> }
