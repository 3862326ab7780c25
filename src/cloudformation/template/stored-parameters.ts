/**
 * Template parameters of type `AWS::SSM::Parameter::Value<…>`: what is given, or their default, names a parameter of the Parameter
 * Store, and they hold what that holds when the stack is deployed. One that nothing refers to is not asked for.
 * Source: AWS CloudFormation user guide, "Specify existing resources at runtime with CloudFormation-supplied parameter types".
 */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { referencesOf } from './intrinsics.ts'
import { typed } from './parameters.ts'
import { type Problem, TemplateError } from '../problem.ts'
import { objectAt, textAt } from '../resources/resource.ts'
import type { ResourceDeclaration, Template } from './template.ts'

const STORED = /^AWS::SSM::Parameter::Value<(.+)>$/

/** The type of what the Parameter Store holds for it; undefined where a parameter holds its value itself. */
export const storedTypeOf = (declaration: JsonObject | undefined): string | undefined =>
  STORED.exec(textAt(declaration ?? {}, 'Type') ?? '')?.[1]

/** Only those that are stored. Throws TemplateError for what is not there or what the service refuses. */
export async function readStored(
  template: Template,
  resources: ReadonlyMap<string, ResourceDeclaration>,
  chosen: ReadonlyMap<string, Json>,
  aws: Aws,
): Promise<ReadonlyMap<string, Json>> {
  const values = new Map<string, Json>()
  const problems: Problem[] = []
  const used = namesUsed(template, resources)
  for (const [name, declaration] of template.parameters) {
    const type = storedTypeOf(declaration)
    if (type === undefined || !used.has(name)) continue
    const stored = String(chosen.get(name))
    const complain = (message: string) =>
      problems.push({ message, file: template.file, position: template.locate(['Parameters', name]) })
    const found = await read(stored, aws)
    if (found instanceof WireError) {
      complain(`The parameter ${name}: ${found.code}: ${found.message}`)
      continue
    }
    const value = textAt(found, 'Value')
    if (value === undefined) complain(`The parameter ${name} names ${stored}, which the Parameter Store does not have.`)
    else if (getOwn(found, 'Type') === 'SecureString')
      complain(
        `The parameter ${name} names ${stored}, a SecureString: write {{resolve:ssm-secure:${stored}}} where it is needed.`,
      )
    else values.set(name, typed(value, type))
  }
  if (problems.length > 0) throw new TemplateError(problems)
  return values
}

/** Empty where there is none of that name. */
async function read(name: string, aws: Aws): Promise<JsonObject | WireError> {
  try {
    const answer = await orUndefined(aws.json(SERVICES.ssm, 'GetParameter', { Name: name }), 'ParameterNotFound')
    return objectAt(answer ?? {}, 'Parameter') ?? {}
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}

function namesUsed(template: Template, resources: ReadonlyMap<string, ResourceDeclaration>): ReadonlySet<string> {
  const values = [...[...resources.values()].map(({ properties }) => properties), ...template.outputs.values()]
  return referencesOf([...values, ...template.conditions.values()])
}
