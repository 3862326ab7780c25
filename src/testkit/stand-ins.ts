/**
 * What a template's resources are in a test that has none of them: each has the name that the template gives it, else its logical id, and
 * the ARN, URL and attributes that it would have on AWS. So the definition is what it will be, and a mock may name a resource by its
 * logical id.
 */
import { getOwn, type Json } from '../base/json.ts'

import { standIn } from '../cloudformation/resources/placeholder.ts'
import type { Declared, Deployed } from '../cloudformation/resources/resource.ts'
import { pseudoParameters } from '../cloudformation/stack-model.ts'
import { resolve, type Scope } from '../cloudformation/template/intrinsics.ts'
import { constructsOf } from '../cloudformation/template/state-machines.ts'
import type { ResourceDeclaration, Template } from '../cloudformation/template/template.ts'

import type { DeclaredFunction } from './declared-function.ts'
import type { DeclaredResources } from './definition-source.ts'
import { functionIn } from './declared-function.ts'

export const PARTITION = 'aws'
const PLACE = { partition: PARTITION, region: 'us-east-1', account: '000000000000', stackName: 'workflow' }
const STACK_ID = `arn:${PARTITION}:cloudformation:${PLACE.region}:${PLACE.account}:stack/workflow/00000000-0000-0000-0000-000000000000`
/** What names and ARNs are made of. */
const NAMING = /(?:Name|Arn|Path|^DeploymentPreference)$/

export class StandIns implements Scope, DeclaredResources {
  readonly template: Template
  readonly parameters: ReadonlyMap<string, Json>
  readonly pseudo = pseudoParameters({ ...PLACE, stackId: STACK_ID })
  readonly #folder: string
  readonly #made = new Map<string, Deployed>()
  #owners: ReadonlyMap<string, ResourceDeclaration> | undefined

  constructor(template: Template, parameters: ReadonlyMap<string, Json>, folder: string) {
    this.template = template
    this.parameters = parameters
    this.#folder = folder
  }

  ref(id: string): Json | undefined {
    return this.#standIn(id)?.ref
  }

  attribute(id: string, name: string): Json | undefined {
    return this.#standIn(id)?.anyAttribute?.(name)
  }

  /** Of another stack: what an ARN is expected to be is that of a function. */
  imported(name: string): Json {
    if (!/Arn$/i.test(name)) return name
    return `arn:${PARTITION}:lambda:${PLACE.region}:${PLACE.account}:function:${name.replaceAll(/[^\w-]+/g, '-')}`
  }

  namesOf(called: string): readonly string[] {
    const owner = this.#ownerOf(called)
    return owner === undefined ? [] : [owner.id, ...constructsOf(owner)]
  }

  functionOf(called: string): DeclaredFunction | undefined {
    const owner = this.#ownerOf(called)
    if (owner?.type !== 'AWS::Lambda::Function') return undefined
    return functionIn({ ...owner, properties: this.#known(owner, () => true) }, this.#folder)
  }

  #ownerOf(called: string): ResourceDeclaration | undefined {
    this.#owners ??= this.#listOwners()
    return this.#owners.get(called)
  }

  /** Those by whom a version or an alias of them is called too. */
  #listOwners(): ReadonlyMap<string, ResourceDeclaration> {
    const owners = new Map<string, ResourceDeclaration>()
    for (const resource of this.template.resources.values()) {
      const [ref, arn] = [this.ref(resource.id), this.attribute(resource.id, 'Arn')]
      const owner = this.#versioned(resource) ?? resource
      for (const name of [ref, arn]) if (typeof name === 'string' && !owners.has(name)) owners.set(name, owner)
    }
    return owners
  }

  #versioned({ type, properties }: ResourceDeclaration): ResourceDeclaration | undefined {
    if (!/^AWS::Lambda::(?:Alias|Version)$/.test(type)) return undefined
    const name = this.#tried(getOwn(properties, 'FunctionName') ?? null)
    return [...this.template.resources.values()].find(
      (one) => one.type === 'AWS::Lambda::Function' && [this.ref(one.id), this.attribute(one.id, 'Arn')].includes(name),
    )
  }

  #standIn(id: string): Deployed | undefined {
    const resource = this.template.resources.get(id)
    if (resource === undefined) return undefined
    const made = this.#made.get(id)
    if (made !== undefined) return made
    // Whoever refers to itself by way of others is named by its logical id.
    this.#made.set(id, this.#make({ ...resource, properties: {} }))
    const properties = this.#known(resource, (name) => NAMING.test(name))
    const deployed = this.#make({ ...resource, properties })
    this.#made.set(id, deployed)
    return deployed
  }

  #make(resource: Declared): Deployed {
    return standIn(resource, { ...PLACE, suffixOf: () => '' }, () => resource.id)
  }

  /** The properties that can be resolved. */
  #known({ properties }: ResourceDeclaration, isWanted: (name: string) => boolean) {
    return Object.fromEntries(
      Object.entries(properties).flatMap(([name, value]): [string, Json][] => {
        const resolved = isWanted(name) ? this.#tried(value) : undefined
        return resolved === undefined ? [] : [[name, resolved]]
      }),
    )
  }

  #tried(value: Json): Json | undefined {
    try {
      return resolve(value, this)
    } catch {
      return undefined
    }
  }
}
