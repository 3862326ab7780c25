/** State machines as people name them: by the ARN or by the name alone. */
import { closest } from '../base/closest.ts'

import { EXIT, CliError } from './cli-error.ts'
import { allOf, type StatesApi, textAt } from './states-api.ts'

const NAMES_SHOWN = 10

const isMachineArn = (text: string): boolean => /^arn:[^:]+:states:[^:]*:[^:]*:stateMachine:./.test(text)

/** Throws CliError where there is none of that name. */
export async function machineArnOf(api: StatesApi, given: string): Promise<string> {
  if (/^arn:/.test(given) && !isMachineArn(given)) throw new CliError(`${given} is no ARN of a state machine.`)
  const found = await findMachine(api, given)
  if (typeof found === 'string') return found
  const nearest = closest(given, found.names)
  const has = found.names.length === 0 ? 'There is none at all.' : `There are ${shown(found.names)}.`
  const hint = nearest === undefined ? has : `Did you mean ${nearest}?`
  throw new CliError(`There is no state machine ${given}. ${hint}`, EXIT.failed)
}

/** The ARN, or the names that there are instead. An ARN is taken as it is. */
export async function findMachine(api: StatesApi, given: string): Promise<string | { readonly names: readonly string[] }> {
  if (isMachineArn(given)) return given
  const machines = await allOf((input) => api.call('ListStateMachines', input), { maxResults: 1_000 }, 'stateMachines')
  const machine = machines.find((one) => textAt(one, 'name') === given)
  return (machine && textAt(machine, 'stateMachineArn')) ?? { names: machines.map((one) => textAt(one, 'name') ?? '') }
}

const shown = (names: readonly string[]): string =>
  names.length <= NAMES_SHOWN
    ? names.join(', ')
    : `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more`
