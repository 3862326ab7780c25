/** How often and for how long Lambda tries an asynchronous call again. Nothing is sent to destinations here. */
import { functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { numberAt, requiredText, type ResourceType, textAt } from './resource.ts'

const NUMBERS = ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts']

export const eventInvokeConfig: ResourceType = {
  ignores: ['DestinationConfig'],
  async deploy({ properties }, { aws }) {
    const name = requiredText(properties, 'FunctionName')
    const ref = `${name}|${textAt(properties, 'Qualifier') ?? '$LATEST'}`
    const settings = NUMBERS.flatMap((property): [string, number][] => {
      const value = numberAt(properties, property)
      return value === undefined ? [] : [[property, value]]
    })
    if (settings.length === 0) return { ref, attributes: {}, change: 'recorded' }
    const path = pathOf(name)
    const found = await orUndefined(aws.rest(SERVICES.lambda, 'GET', path), 'ResourceNotFoundException')
    const isSame = found && NUMBERS.every((property) => numberAt(found, property) === numberAt(properties, property))
    if (isSame === true) return { ref, attributes: {}, change: 'unchanged' }
    await aws.rest(SERVICES.lambda, 'PUT', path, Object.fromEntries(settings))
    return { ref, attributes: {}, change: found === undefined ? 'created' : 'updated' }
  },
  async remove(ref, aws) {
    const [name = ''] = ref.split('|')
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', pathOf(name)), 'ResourceNotFoundException')
    return undefined
  },
}

const pathOf = (name: string): string => `${functionPath(name, '2019-09-25')}/event-invoke-config`
