/**
 * A template with its parameters: which resources there are, what each stands on, what its properties and the outputs are once
 * it is known what the resources answer. Nothing is asked of anyone.
 * Source: AWS CloudFormation user guide, "Conditions", "DependsOn attribute", "Outputs", "Pseudo parameters reference".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../base/json.ts'

import { wantedOutputs, wantedResources } from './template/dependencies.ts'
import { importsIn, resolve, type Scope, takenBranches } from './template/intrinsics.ts'
import type { ResourceDeclaration, Template } from './template/template.ts'

/** What resources answer: undefined where there is none of that name, or nothing of it is known. */
export interface Answers {
  ref(id: string): Json | undefined
  attribute(id: string, name: string): Json | undefined
}

export interface ModelOptions {
  /** Transformed. */
  readonly template: Template
  readonly parameters: ReadonlyMap<string, Json>
  readonly pseudo: ReadonlyMap<string, string>
  /** What another stack exports under a name. Throws where none does. */
  imported(name: string): Json
}

export interface Output {
  readonly key: string
  readonly value: string
  readonly description?: string
  readonly exportName?: string
}

const NO_ANSWERS: Answers = { ref: () => undefined, attribute: () => undefined }

export class StackModel {
  readonly template: Template
  /** Those whose condition holds. */
  readonly resources: ReadonlyMap<string, ResourceDeclaration>
  /** Of each resource, those that come first. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>
  readonly #options: ModelOptions
  readonly #outputs: ReadonlyMap<string, JsonObject>

  /** Throws IntrinsicError for conditions that cannot be told, ValidationError for what waits for itself. */
  constructor(options: ModelOptions) {
    this.#options = options
    this.template = options.template
    const scope = this.#scope(NO_ANSWERS)
    const wanted = wantedResources(options.template, scope)
    this.resources = new Map([...wanted].map(([id, { resource }]) => [id, resource]))
    this.dependencies = new Map([...wanted].map(([id, { waitsFor }]) => [id, waitsFor]))
    this.#outputs = wantedOutputs(options.template, scope)
  }

  /** Without intrinsic functions. Throws IntrinsicError. */
  propertiesOf(id: string, answers: Answers): JsonObject {
    const resource = this.resources.get(id)
    const properties = resource && resolve(resource.properties, this.#scope(answers))
    return isObject(properties) ? properties : {}
  }

  /** Those whose condition holds. Throws IntrinsicError. */
  outputs(answers: Answers): readonly Output[] {
    const scope = this.#scope(answers)
    return [...this.#outputs].map(([key, output]): Output => {
      const description = getOwn(output, 'Description')
      const given = getOwn(output, 'Export')
      const name = isObject(given) ? getOwn(given, 'Name') : undefined
      return {
        key,
        value: printed(resolve(getOwn(output, 'Value') ?? null, scope)),
        ...(typeof description === 'string' && { description }),
        ...(name !== undefined && { exportName: printed(resolve(name, scope)) }),
      }
    })
  }

  /** Names under which other stacks export what is used here. */
  imports(): readonly string[] {
    const scope = this.#scope(NO_ANSWERS)
    const values = [...this.resources.values()].map(({ properties }) => takenBranches(properties, scope))
    return [...values, ...this.#outputs.values()].flatMap(importsIn).map((name) => printed(resolve(name, scope)))
  }

  /** In levels: each resource comes after those that it depends on. `ids`: these alone. */
  levels(ids: ReadonlySet<string> = new Set(this.resources.keys())): readonly (readonly string[])[] {
    return levelsOf(new Map([...this.dependencies].filter(([id]) => ids.has(id))))
  }

  #scope(answers: Answers): Scope {
    const { template, parameters, pseudo, imported } = this.#options
    return {
      template,
      parameters,
      pseudo,
      ref: (id) => answers.ref(id),
      attribute: (id, name) => answers.attribute(id, name),
      imported,
    }
  }
}

/** Each after those that it depends on, as far as these are among them. What depends on itself comes last. */
export function levelsOf(dependencies: ReadonlyMap<string, Iterable<string>>): readonly (readonly string[])[] {
  const levels: string[][] = []
  let waiting = [...dependencies.keys()]
  while (waiting.length > 0) {
    const open = new Set(waiting)
    const ready = waiting.filter((id) => [...(dependencies.get(id) ?? [])].every((other) => other === id || !open.has(other)))
    levels.push(ready.length > 0 ? ready : waiting)
    waiting = ready.length > 0 ? waiting.filter((id) => !ready.includes(id)) : []
  }
  return levels
}

const printed = (value: Json): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.map(printed).join(',') : JSON.stringify(value)

/** Source: CloudFormation template reference, "Pseudo parameters". */
export function pseudoParameters(stack: {
  readonly region: string
  readonly account: string
  readonly partition: string
  readonly stackName: string
  readonly stackId: string
  readonly notificationArns?: readonly string[]
}): ReadonlyMap<string, string> {
  return new Map([
    ['AWS::Region', stack.region],
    ['AWS::AccountId', stack.account],
    ['AWS::Partition', stack.partition],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', stack.stackName],
    ['AWS::StackId', stack.stackId],
    ['AWS::NotificationARNs', stack.notificationArns?.join(',') ?? ''],
  ])
}
