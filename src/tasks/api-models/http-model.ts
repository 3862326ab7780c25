/**
 * What `http:invoke` takes, which is no API with a model of its own. A connection may be absent, and the endpoint be a plain
 * `http://`, as our connector has it (`connectors/http.ts`).
 * Source: AWS developer guide, "Call HTTPS APIs in Step Functions workflows".
 */
import type { Model } from './shape.ts'

export const HTTP_MODEL: Model = {
  operations: {},
  inputs: { Invoke: 'Request' },
  shapes: {
    Text: 'string',
    Any: 'document',
    Members: { type: 'map', value: 'Any' },
    Connection: { type: 'structure', required: ['ConnectionArn'], members: { ConnectionArn: 'Text' } },
    EncodingOptions: { type: 'structure', members: { ArrayFormat: 'Text' } },
    Transform: {
      type: 'structure',
      members: { RequestBodyEncoding: 'Text', RequestEncodingOptions: 'EncodingOptions' },
    },
    Request: {
      type: 'structure',
      required: ['ApiEndpoint', 'Method'],
      members: {
        ApiEndpoint: 'Text',
        Method: 'Text',
        Authentication: 'Connection',
        InvocationConfig: 'Connection',
        Headers: 'Members',
        QueryParameters: 'Members',
        RequestBody: 'Any',
        Transform: 'Transform',
      },
    },
  },
}

/** Of what is written out. A substitution of a template may stand for anything. */
export const HTTP_VALUES: ReadonlyMap<string, RegExp> = new Map([
  ['ApiEndpoint', /^https?:\/\/\S+$|\$\{/],
  ['Method', /^(GET|POST|PUT|DELETE|PATCH|OPTIONS|HEAD)$|\$\{/],
])
