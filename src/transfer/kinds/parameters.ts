/**
 * Parameters of the Parameter Store. A SecureString is named and left: its value is a secret.
 * Source: Systems Manager API reference, DescribeParameters; CloudFormation, AWS::SSM::Parameter.
 */
import { SERVICES } from '../../aws/services.ts'
import { objectAt, requiredText, textAt, textsAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import { pagesOf, type Source } from '../source.ts'
import { tagsIn } from '../tags.ts'

/** What CDK keeps for itself is there from the start. */
const OF_CDK = /^\/cdk-bootstrap\//

export async function readParameters(source: Source, inventory: Inventory): Promise<void> {
  const ask = (token: object) => source.json(SERVICES.ssm, 'DescribeParameters', { MaxResults: 50, ...token })
  for (const described of await pagesOf(ask, 'Parameters', ['NextToken', 'NextToken'])) {
    const name = requiredText(described, 'Name')
    if (OF_CDK.test(name)) continue
    const Type = requiredText(described, 'Type')
    if (Type === 'SecureString') {
      inventory.leave('parameters', name, 'it is a SecureString: put its value there yourself')
      continue
    }
    await inventory.attempt('parameters', name, async () => {
      const parameter = objectAt(await source.json(SERVICES.ssm, 'GetParameter', { Name: name }), 'Parameter') ?? {}
      const resource = { ResourceType: 'Parameter', ResourceId: name }
      const { Tier, ...settings } = textsAt(described, ['Description', 'AllowedPattern', 'DataType', 'Tier'])
      inventory.add({
        kind: 'parameters',
        type: 'AWS::SSM::Parameter',
        name,
        properties: {
          Name: name,
          Type,
          Value: textAt(parameter, 'Value') ?? '',
          ...settings,
          ...(Tier !== undefined && Tier !== 'Standard' && { Tier }),
          ...tagsIn(await source.json(SERVICES.ssm, 'ListTagsForResource', resource), 'TagList'),
        },
      })
    })
  }
}
