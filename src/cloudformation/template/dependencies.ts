/**
 * The resources of a stack with what each has to wait for: those whose conditions hold, and of their references those in branches
 * that are taken.
 * Source: CloudFormation user guide, "DependsOn attribute"; refusals of CreateStack.
 */
import type { Json } from '../../base/json.ts'

import { holds, referencesOf, type Scope, takenBranches } from './intrinsics.ts'
import { CycleError, orderByReferences } from './order.ts'
import { formatError, listed, validationError } from './refusal.ts'
import type { ResourceDeclaration, Template } from './template.ts'

export interface Wanted {
  readonly resource: ResourceDeclaration
  /** Logical ids. */
  readonly waitsFor: ReadonlySet<string>
}

/** In an order in which each comes after what it waits for. Throws ValidationError, IntrinsicError. */
export function wantedResources(template: Template, scope: Scope): ReadonlyMap<string, Wanted> {
  const answers = new Map<string, boolean | undefined>()
  const isWanted = ({ condition }: ResourceDeclaration) => condition === undefined || holds(condition, scope, answers)
  const wanted = new Map([...template.resources].filter(([, resource]) => isWanted(resource)))
  const dependencies = new Map<string, ReadonlySet<string>>()
  const unresolved = new Set<string>()
  for (const [id, resource] of wanted) {
    const named = [...referencesOf(takenBranches(resource.properties, scope)), ...resource.dependsOn]
    const resources = named.filter((name) => template.resources.has(name))
    // A dependency on what is not made this time is none; a reference has nothing to refer to.
    for (const name of resources) if (!wanted.has(name) && !resource.dependsOn.includes(name)) unresolved.add(name)
    dependencies.set(id, new Set(resources.filter((name) => wanted.has(name))))
  }
  refuse(unresolved, 'Resources')
  const order = ordered(dependencies)
  return new Map(
    order.flatMap((id) => {
      const resource = wanted.get(id)
      return resource === undefined ? [] : [[id, { resource, waitsFor: dependencies.get(id) ?? new Set() }] as const]
    }),
  )
}

/** Outputs whose conditions hold. Throws ValidationError where one refers to what is not made. */
export function wantedOutputs(template: Template, scope: Scope): Template['outputs'] {
  const isWanted = (condition: Json | undefined) => typeof condition !== 'string' || holds(condition, scope)
  const outputs = [...template.outputs].filter(([, output]) => isWanted(output['Condition']))
  const made = wantedResources(template, scope)
  const named = outputs.flatMap(([, output]) => [...referencesOf(takenBranches(output, scope))])
  refuse(new Set(named.filter((name) => template.resources.has(name) && !made.has(name))), 'Outputs')
  return new Map(outputs)
}

function refuse(unresolved: ReadonlySet<string>, block: string): void {
  if (unresolved.size > 0)
    throw formatError(`Unresolved resource dependencies ${listed(unresolved)} in the ${block} block of the template`)
}

function ordered(dependencies: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  try {
    return orderByReferences(dependencies)
  } catch (error) {
    if (!(error instanceof CycleError)) throw error
    const members = new Set(error.cycle)
    const inOrder = [...dependencies.keys()].filter((id) => members.has(id))
    throw validationError(`Circular dependency between resources: ${listed(inOrder)}`)
  }
}
