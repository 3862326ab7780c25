/** The actions that make, change and delete stacks. Source: CloudFormation API reference, each action. */
import type { JsonObject } from '../../base/json.ts'

import type { QueryOperation } from '../../wire/aws-query.ts'
import { element } from '../../wire/xml.ts'

import { alreadyExists, validationError } from './errors.ts'
import { readChoice, readFlag, readText, readTexts, requireStackName, requireText } from './input.ts'
import type { Operations } from './operations.ts'
import { type PreparationDeps, prepare } from './preparation.ts'
import type { OperationRecord, StackRecord, StackStatus } from './records.ts'
import type { StackStore } from './stack-store.ts'
import type { Stacks } from './stacks.ts'
import { readTemplateAt } from './template-source.ts'

export interface ActionDeps {
  readonly store: StackStore
  readonly stacks: Stacks
  readonly operations: Operations
  readonly preparation: PreparationDeps
}

/** Clients look first at once, then seconds later: what is over by then costs them nothing. */
export const HOLD_MS = 5_000
const POLICY_BYTES_MAX = 16_384

export function stackActions(deps: ActionDeps): readonly (readonly [string, QueryOperation])[] {
  const { store, stacks, operations, preparation } = deps

  async function held(stack: StackRecord | undefined): Promise<void> {
    if (stack?.operationId !== undefined) await operations.whenOver(stack.operationId, HOLD_MS)
  }

  /** For the operations under way answers are held; whatever they came to is not part of the answer. */
  async function told(stack: StackRecord) {
    await held(stack)
    return element('StackId', stack.id)
  }

  return [
    [
      'CreateStack',
      async (input) => {
        const name = requireStackName(input)
        if (store.stackNamed(name) && store.stackNamed(name)?.status !== 'REVIEW_IN_PROGRESS') {
          const again = repeated(store, name, readText(input, 'ClientRequestToken'), 'create')
          if (again !== undefined) return element('StackId', again.id)
          throw alreadyExists(name)
        }
        const stack = { id: stacks.newStackId(name), name }
        const prepared = await prepare(input, stack, undefined, preparation)
        const made = stacks.create(stack, prepared, {
          clientToken: readText(input, 'ClientRequestToken'),
          onFailure: failureChoice(input),
          isProtected: readFlag(input, 'EnableTerminationProtection'),
          policy: await policyIn(input, preparation),
        })
        return told(made)
      },
    ],
    [
      'UpdateStack',
      async (input) => {
        const stack = stacks.get(requireText(input, 'StackName'))
        const clientToken = readText(input, 'ClientRequestToken')
        const again = repeated(store, stack.name, clientToken, 'update')
        if (again !== undefined) return element('StackId', again.id)
        const prepared = await prepare(input, stack, stack.current, preparation)
        const onFailure = readFlag(input, 'DisableRollback') ? 'DO_NOTHING' : 'ROLLBACK'
        const policy = await policyIn(input, preparation)
        return told(stacks.update(stack, prepared, { clientToken, onFailure, policy }))
      },
    ],
    [
      'DeleteStack',
      async (input) => {
        const mode = readChoice(input, 'DeletionMode', ['STANDARD', 'FORCE_DELETE_STACK'])
        const stack = stacks.delete(requireText(input, 'StackName'), {
          clientToken: readText(input, 'ClientRequestToken'),
          retain: readTexts(input, 'RetainResources'),
          force: mode === 'FORCE_DELETE_STACK',
        })
        await held(stack)
        return undefined
      },
    ],
    [
      'CancelUpdateStack',
      (input) => {
        stacks.cancelUpdate(stacks.get(requireText(input, 'StackName')))
        return undefined
      },
    ],
    [
      'ContinueUpdateRollback',
      async (input) => {
        const stack = stacks.get(requireText(input, 'StackName'))
        requireStatus(stack, ['UPDATE_ROLLBACK_FAILED'], 'ContinueUpdateRollback')
        const skip = readTexts(input, 'ResourcesToSkip')
        await held(stacks.rollBack(stack, { skip, clientToken: readText(input, 'ClientRequestToken') }))
        return []
      },
    ],
    [
      'RollbackStack',
      async (input) => {
        const stack = stacks.get(requireText(input, 'StackName'))
        requireStatus(stack, ['CREATE_FAILED', 'UPDATE_FAILED'], 'RollbackStack')
        return told(stacks.rollBack(stack, { clientToken: readText(input, 'ClientRequestToken') }))
      },
    ],
    [
      'UpdateTerminationProtection',
      (input) => {
        const stack = stacks.get(requireText(input, 'StackName'))
        store.putStack({ ...stack, isProtected: readFlag(input, 'EnableTerminationProtection') })
        return element('StackId', stack.id)
      },
    ],
    [
      'SetStackPolicy',
      async (input) => {
        const policy = await policyIn(input, preparation)
        const stack = stacks.get(requireText(input, 'StackName'))
        if (policy === undefined) throw validationError('Either StackPolicyBody or StackPolicyURL must be specified.')
        store.putStack({ ...stack, policy })
        return undefined
      },
    ],
    [
      'GetStackPolicy',
      (input) => {
        const { policy } = stacks.get(requireText(input, 'StackName'))
        return policy === undefined ? [] : element('StackPolicyBody', policy)
      },
    ],
    [
      'SignalResource',
      (input) => {
        stacks.get(requireText(input, 'StackName'))
        throw validationError(
          'Regente has no resources that wait for SignalResource; a WaitCondition takes its signals by its handle.',
        )
      },
    ],
  ]
}

/** The same request again, by its token. */
function repeated(
  store: StackStore,
  name: string,
  token: string | undefined,
  kind: OperationRecord['kind'],
): StackRecord | undefined {
  const stack = token === undefined ? undefined : store.stackNamed(name)
  const operation = stack?.operationId === undefined ? undefined : store.operation(stack.operationId)
  return operation?.clientToken === token && operation?.kind === kind ? stack : undefined
}

function failureChoice(input: JsonObject): OperationRecord['onFailure'] {
  const given = readChoice(input, 'OnFailure', ['DO_NOTHING', 'ROLLBACK', 'DELETE'])
  const isDisabled = readFlag(input, 'DisableRollback')
  if (given !== undefined && isDisabled)
    throw validationError('You can specify either OnFailure or DisableRollback, but not both.')
  return isDisabled ? 'DO_NOTHING' : (given ?? 'ROLLBACK')
}

function requireStatus({ id, status }: StackRecord, wanted: readonly StackStatus[], action: string): void {
  if (!wanted.includes(status))
    throw validationError(
      `Stack:${id} is in ${status} state and ${action} is not possible: it has to be in ${wanted.join(' or ')}.`,
    )
}

/** It is kept, and says nothing to anyone here. */
async function policyIn(input: JsonObject, { source }: PreparationDeps): Promise<string | undefined> {
  const body = readText(input, 'StackPolicyBody')
  const url = readText(input, 'StackPolicyURL')
  if (body !== undefined && url !== undefined) throw validationError('You cannot specify both StackPolicyBody and StackPolicyURL')
  const policy = url === undefined ? body : await readTemplateAt(url, source)
  if (policy !== undefined && Buffer.byteLength(policy) > POLICY_BYTES_MAX)
    throw validationError(`Stack policy may not exceed ${POLICY_BYTES_MAX} bytes.`)
  return policy
}
