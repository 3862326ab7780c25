/**
 * Whether what a Task's parameters have come to can be handed to its service. AWS takes them as a template once more: members of
 * data that end in `.$` must hold a path. Nothing is scheduled then, and no Retry or Catch helps.
 * Texts: public reports of AWS's answers ("must be a STRING", "must be a valid JSONPath or a valid intrinsic function call").
 */
import { ErrorName } from '../../base/error-names.ts'
import type { Payload } from '../../base/payload.ts'

import { compileTemplate } from '../../expr/template.ts'
import type { EvaluationFailure, TaskState } from '../../asl/program.ts'

import type { Visit } from '../visit.ts'

export function parametersProblem({ state, isJsonata }: Visit<TaskState>, parameters: Payload): EvaluationFailure | undefined {
  if (state.resource.kind !== 'service') return undefined
  const problems = [...(isJsonata ? [] : pathProblems(parameters)), ...(state.checkParameters?.(parameters.value) ?? [])]
  if (problems.length === 0) return undefined
  const field = isJsonata ? 'Arguments' : 'Parameters'
  return {
    error: ErrorName.Runtime,
    cause: `The ${field} '${parameters.text}' could not be used to start the Task: [${problems.join(', ')}]`,
  }
}

function pathProblems(parameters: Payload): readonly string[] {
  if (!parameters.text.includes('.$"')) return []
  const compiled = compileTemplate(parameters.value)
  return compiled.ok ? [] : compiled.error.map(({ message }) => message)
}
