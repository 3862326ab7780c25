/** Activities. Source: Step Functions API reference, ListActivities. */
import { SERVICES } from '../../aws/services.ts'
import { requiredText } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import { pagesOf, type Source } from '../source.ts'
import { statesTagsOf } from './machines.ts'

export async function readActivities(source: Source, inventory: Inventory): Promise<void> {
  const ask = (token: object) => source.json(SERVICES.sfn, 'ListActivities', { ...token })
  for (const listed of await pagesOf(ask, 'activities', ['nextToken', 'nextToken'])) {
    const [name, arn] = [requiredText(listed, 'name'), requiredText(listed, 'activityArn')]
    await inventory.attempt('activities', name, async () => {
      const properties = { Name: name, ...(await statesTagsOf(arn, source)) }
      inventory.add({ kind: 'activities', type: 'AWS::StepFunctions::Activity', name, properties, known: { [arn]: 'Ref' } })
    })
  }
}
