/**
 * What the registry tells of the resource types that are here. Types of one's own are not registered.
 * Source: CloudFormation API reference, DescribeType; "Resource type definition schema".
 */
import type { QueryOperation } from '../../wire/aws-query.ts'
import { WireError } from '../../wire/errors.ts'
import { element } from '../../wire/xml.ts'

import { resourceTypeNamed } from '../../cloudformation/resources/index.ts'

import { readText } from './input.ts'

const VERSION = '00000001'

export function registryActions({ region }: { readonly region: string }): readonly (readonly [string, QueryOperation])[] {
  return [
    [
      'DescribeType',
      (input) => {
        const arn = readText(input, 'Arn')
        const name = readText(input, 'TypeName') ?? arn?.split(':type/resource/')[1]?.split('/')[0]?.replaceAll('-', '::') ?? ''
        const type = readText(input, 'Type') === 'RESOURCE' || arn !== undefined ? resourceTypeNamed(name) : undefined
        if (type === undefined) throw new WireError(404, 'TypeNotFoundException', `The type '${name}' cannot be found.`)
        const createOnlyProperties = (type.replacedBy ?? []).flatMap((property) =>
          property === '*' ? [] : [`/properties/${property}`],
        )
        return [
          element('Arn', `arn:aws:cloudformation:${region}::type/resource/${name.replaceAll('::', '-')}`),
          element('Type', 'RESOURCE'),
          element('TypeName', name),
          element('DefaultVersionId', VERSION),
          element('IsDefaultVersion', true),
          element('Schema', JSON.stringify({ typeName: name, createOnlyProperties, additionalProperties: false })),
          element('ProvisioningType', type.remove === undefined ? 'NON_PROVISIONABLE' : 'FULLY_MUTABLE'),
          element('DeprecatedStatus', 'LIVE'),
          element('Visibility', 'PUBLIC'),
        ]
      },
    ],
  ]
}
