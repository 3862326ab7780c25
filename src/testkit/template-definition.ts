/**
 * The definition of a template's state machine, as a deployment would hand it over, with resources that stand in for those that a test
 * does not have. Conditions, mappings and parameters are as in CloudFormation.
 */
import { dirname } from 'node:path'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { definitionFrom } from '../cloudformation/definition.ts'
import { placeIn } from '../cloudformation/place.ts'
import { printProblem, TemplateError } from '../cloudformation/problem.ts'
import { type Declared, PropertyError } from '../cloudformation/resources/resource.ts'
import { transformServerless } from '../cloudformation/serverless/transform.ts'
import { functionsIn } from '../cloudformation/template/functions.ts'
import { IntrinsicError, referencesOf, resolve, takenBranches } from '../cloudformation/template/intrinsics.ts'
import { chooseParameters } from '../cloudformation/template/parameters.ts'
import type { ResourceDeclaration, Template } from '../cloudformation/template/template.ts'
import { readLocalDefinition } from '../deploy/local-definition.ts'

import type { DefinitionSource, ReadDefinition } from './definition-source.ts'
import { PARTITION, StandIns } from './stand-ins.ts'
import { requireAll } from './substitutions.ts'
import { chooseMachine } from './template-files.ts'
import { TestKitError } from './kit-error.ts'

type Options = Pick<DefinitionSource, 'resource' | 'parameters' | 'substitutions'>

/** `path`: of a template or a folder, absolute. Rejects with TestKitError. */
export async function readTemplateDefinition(path: string, options: Options): Promise<ReadDefinition> {
  try {
    return await read(path, options)
  } catch (error) {
    if (error instanceof TemplateError) throw new TestKitError(error.message, { cause: error })
    throw error
  }
}

async function read(path: string, { resource, parameters = {}, substitutions = {} }: Options): Promise<ReadDefinition> {
  const given = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
  const { template: written, machine } = await chooseMachine(path, resource, given)
  const { values, missing } = parametersOf(written, given)
  const template = transformServerless(written, { parameters: values, partition: PARTITION, keepsPaths: true })
  const declared = template.resources.get(machine.id)
  if (declared === undefined) throw new TestKitError(`${written.file}: ${machine.id} is left out by SAM.`)
  const folder = dirname(written.file)
  const resources = new StandIns(template, values, folder)
  try {
    const own = definingProperties(declared.properties, Object.keys(substitutions))
    requireParameters(own, resources, missing, written.file, machine.id)
    const resolved = resolve(own, resources)
    const properties = withSubstitutions(isObject(resolved) ? resolved : {}, substitutions)
    const machineOf: Declared = { ...declared, properties }
    const context = { placeOf: (place: readonly string[]) => placeIn(template, place) }
    const { text } = await definitionFrom(machineOf, context, async () => {
      const file = await readLocalDefinition(machineOf, { folder, excluded: [], watch: () => {} })
      if (file !== undefined) return file
      throw new PropertyError(
        'A test reads its definition from DefinitionUri (a local file), Definition or DefinitionString, not from a bucket.',
        'DefinitionUri',
      )
    })
    requireAll(text, substitutions, `${written.file}: the definition of ${machine.id}`)
    const type = getOwn(properties, 'StateMachineType') === 'EXPRESS' ? 'EXPRESS' : 'STANDARD'
    return { definition: text, folder, type, resources }
  } catch (error) {
    throw explained(error, written, machine)
  }
}

/** Of what has neither a default nor a value, something of its type: what does not use it is not held up. */
function parametersOf(template: Template, given: Readonly<Record<string, string>>) {
  const [missing, known] = [new Map<string, JsonObject>(), new Map<string, JsonObject>()]
  for (const [name, declaration] of template.parameters) {
    const isKnown = Object.hasOwn(given, name) || getOwn(declaration, 'Default') !== undefined
    ;(isKnown ? known : missing).set(name, declaration)
  }
  const values = chooseParameters({ ...template, parameters: known }, given)
  for (const [name, declaration] of missing) {
    const type = String(getOwn(declaration, 'Type') ?? 'String')
    values.set(name, /List/.test(type) ? [] : type === 'Number' ? '0' : '')
  }
  return { values, missing: new Set(missing.keys()) }
}

const DEFINING = [
  'Definition',
  'DefinitionString',
  'DefinitionUri',
  'DefinitionS3Location',
  'DefinitionSubstitutions',
  'StateMachineType',
]

/** Of what the test gives itself it does not matter what the template says. */
function definingProperties(properties: JsonObject, given: readonly string[]): JsonObject {
  const own = Object.fromEntries(Object.entries(properties).filter(([name]) => DEFINING.includes(name)))
  const substitutions = getOwn(own, 'DefinitionSubstitutions')
  if (!isObject(substitutions)) return own
  const others = Object.entries(substitutions).filter(([name]) => !given.includes(name))
  return { ...own, DefinitionSubstitutions: Object.fromEntries(others) }
}

function withSubstitutions(properties: JsonObject, given: JsonObject): JsonObject {
  const own = getOwn(properties, 'DefinitionSubstitutions')
  return { ...properties, DefinitionSubstitutions: { ...(isObject(own) ? own : {}), ...given } }
}

/** Throws TestKitError where what the definition is made of needs a parameter that has no value. */
function requireParameters(
  properties: JsonObject,
  resources: StandIns,
  missing: ReadonlySet<string>,
  file: string,
  id: string,
): void {
  if (missing.size === 0) return
  const wanted = [...parametersIn(properties, resources.template), ...referencesOf(takenBranches(properties, resources))]
  const names = [...new Set(wanted)].filter((name) => missing.has(name))
  if (names.length === 0) return
  const given = names.map((name) => `${name}: '…'`).join(', ')
  const has = names.length === 1 ? 'the parameter' : 'the parameters'
  throw new TestKitError(
    `${file}: the definition of ${id} takes ${has} ${names.join(', ')}, without a default. Say it: workflow({ …, parameters: { ${given} } }).`,
  )
}

/** Those that conditions stand on. */
function parametersIn(value: Json, template: Template, seen: Set<string> = new Set()): readonly string[] {
  return [...functionsIn(value)].flatMap(({ name, argument }) => {
    const condition = name === 'Condition' ? argument : name === 'Fn::If' && isArray(argument) ? argument[0] : undefined
    if (typeof condition !== 'string' || seen.has(condition)) return []
    seen.add(condition)
    const stated = template.conditions.get(condition) ?? null
    return [...referencesOf(stated), ...parametersIn(stated, template, seen)]
  })
}

/** Told where it is written. */
function explained(error: unknown, template: Template, { id, path }: ResourceDeclaration): Error {
  if (error instanceof PropertyError)
    return new TestKitError(
      printProblem({ message: `${id}: ${error.message}`, ...placeIn(template, [...path, 'Properties', ...error.path]) }),
    )
  if (error instanceof IntrinsicError)
    return new TestKitError(printProblem({ message: `${id}: ${error.message}`, ...placeIn(template, [...path, 'Properties']) }))
  return error instanceof Error ? error : new Error(String(error))
}
