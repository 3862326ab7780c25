/** Whether a definition's Tasks call what there is, with parameters that it takes, as far as that can be seen before they run. */
import type { Breathe } from '../../base/breather.ts'
import { isObject, type Json } from '../../base/json.ts'

import type { Diagnostic } from '../../asl/diagnostic.ts'
import { parseResource, unrecognized } from '../../asl/resource.ts'
import { visitMachine } from '../../asl/walk.ts'

import { installedServices } from '../sdk/client-package.ts'

import { checkParameters } from './check-parameters.ts'
import { inputModelOf, isKnownAction } from './model.ts'

/** States that are checked at a time. */
const SLICE = 50

/** `definition` is JSON text, or blank. Faults in the order of the states, in AWS's words. */
export async function checkTaskParameters(definition: string, breathe: Breathe): Promise<readonly Diagnostic[]> {
  const document: Json = definition.trim() === '' ? null : JSON.parse(definition)
  if (!isObject(document)) return []
  const found: Diagnostic[] = []
  let services: ReturnType<typeof installedServices> | undefined
  const installed = () => (services ??= installedServices())
  const { states } = visitMachine(document, 'STANDARD')
  for (const [i, { document: state, at, language }] of states.entries()) {
    if (i % SLICE === SLICE - 1) await breathe()
    if (state.Type !== 'Task' || typeof state.Resource !== 'string') continue
    const field = language === 'JSONata' ? 'Arguments' : 'Parameters'
    const given = state[field]
    const resource = parseResource(state.Resource)
    if (resource && !(await isKnownAction(resource, installed))) {
      const message = unrecognized(state.Resource)
      found.push({ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message, location: `${at}/Resource` })
    }
    const model = given !== undefined && resource ? inputModelOf(resource) : undefined
    if (!model || given === undefined) continue
    for (const message of checkParameters(given, model, language))
      found.push({ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message, location: `${at}/${field}` })
  }
  return found
}
