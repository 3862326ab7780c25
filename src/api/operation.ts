import type { Control } from '../control/control.ts'

import type { Input } from './input.ts'
import type { Answer } from './render.ts'

/** Checks the shape of the input, calls a verb, renders its answer. `signal` aborts when the caller has gone. */
export type Operation = (control: Control, input: Input, signal: AbortSignal) => Promise<Answer>
