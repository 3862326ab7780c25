import type { CallContext } from '../wire/aws-json.ts'

import type { Control } from '../control/control.ts'

import type { Input } from './input.ts'
import type { InputOf, OperationName, OutputOf } from './model.ts'

/** How long there is somebody to answer. */
export type Call = Pick<CallContext, 'signal' | 'pollSignal'>

/** Checks the shape of the input, calls the operation in `control/`, renders its answer. */
export type Operation<N extends OperationName> = (control: Control, input: Input<InputOf<N>>, call: Call) => Promise<OutputOf<N>>

/** One operation for each name that AWS has. */
export type Operations = { readonly [N in OperationName]: Operation<N> }
