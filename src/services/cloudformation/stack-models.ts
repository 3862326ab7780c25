/** The models of stacks as they are to be, kept while they are worked on. */
import { objectOf } from '../../base/json-text.ts'
import type { Json } from '../../base/json.ts'

import { pseudoParameters, StackModel } from '../../cloudformation/stack-model.ts'
import { IntrinsicError } from '../../cloudformation/template/intrinsics.ts'
import { typed } from '../../cloudformation/template/parameters.ts'
import { storedTypeOf } from '../../cloudformation/template/stored-parameters.ts'
import { type Template, templateIn } from '../../cloudformation/template/template.ts'

import type { StackParameter, StackRecord, StackSettings } from './records.ts'
import type { StackStore } from './stack-store.ts'

export interface ModelsDeps {
  readonly store: StackStore
  readonly region: string
  readonly account: string
}

const KEPT_MAX = 8

export class StackModels {
  readonly #deps: ModelsDeps
  /** By what is being done. */
  readonly #kept = new Map<string, StackModel>()

  constructor(deps: ModelsDeps) {
    this.#deps = deps
  }

  /** `key`: under which the model of these settings is kept. */
  kept(key: string, stack: StackRecord, settings: StackSettings): StackModel {
    const found = this.#kept.get(key)
    if (found !== undefined) return found
    const model = this.of(stack, settings)
    for (const old of [...this.#kept.keys()].slice(0, Math.max(0, this.#kept.size + 1 - KEPT_MAX))) this.#kept.delete(old)
    this.#kept.set(key, model)
    return model
  }

  of(stack: Pick<StackRecord, 'id' | 'name'>, settings: Pick<StackSettings, 'processed' | 'parameters' | 'notificationArns'>) {
    return this.make(
      templateIn(objectOf(settings.processed) ?? {}, { file: stack.name, locate: () => undefined }).template,
      stack,
      settings,
    )
  }

  pseudoOf({ id: stackId, name: stackName }: Pick<StackRecord, 'id' | 'name'>, notificationArns: readonly string[]) {
    const { region, account } = this.#deps
    return pseudoParameters({ region, account, partition: 'aws', stackName, stackId, notificationArns })
  }

  /** Throws IntrinsicError. */
  make(
    template: Template,
    stack: Pick<StackRecord, 'id' | 'name'>,
    { parameters, notificationArns }: Pick<StackSettings, 'parameters' | 'notificationArns'>,
  ): StackModel {
    const { store } = this.#deps
    return new StackModel({
      template,
      parameters: typedParameters(template, parameters),
      pseudo: this.pseudoOf(stack, notificationArns),
      imported(name) {
        const found = store.export(name)
        if (found === undefined) throw new IntrinsicError(`No export named ${name} found.`)
        return found.value
      },
    })
  }
}

/** Their types applied; those of the Parameter Store by what it holds. */
export const typedParameters = (template: Template, parameters: readonly StackParameter[]): ReadonlyMap<string, Json> =>
  new Map(parameters.map(({ key, value, resolved }) => [key, typed(resolved ?? value, typeOf(template, key))]))

function typeOf(template: Template, parameter: string): string {
  const declaration = template.parameters.get(parameter)
  return storedTypeOf(declaration) ?? String(declaration?.['Type'] ?? 'String')
}
