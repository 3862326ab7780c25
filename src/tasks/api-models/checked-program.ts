/** A compiled program whose Tasks know what their services take. */
import type { Program, State, TaskState } from '../../asl/program.ts'

import { checkParameters } from './check-parameters.ts'
import { inputModelOf } from './model.ts'

export function withParameterChecks(program: Program): Program {
  const states = new Map<string, State>()
  for (const [name, state] of program.states) states.set(name, state.type === 'Task' ? withCheck(state) : state)
  return { ...program, states }
}

/** Where a state has no parameters of its own, its input is the service's to judge. */
function withCheck(state: TaskState): TaskState {
  const model = state.parameters ? inputModelOf(state.resource) : undefined
  return model ? { ...state, checkParameters: (parameters) => checkParameters(parameters, model) } : state
}
