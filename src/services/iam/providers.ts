/**
 * Identity providers: OpenID Connect and SAML. What they are told is kept; nothing is asked of them.
 * Source: IAM API reference, CreateOpenIDConnectProvider, CreateSAMLProvider and their kin; AWS's recorded answers.
 */
import { randomUUID } from 'node:crypto'

import type { JsonObject } from '../../base/json.ts'

import { element, type Xml } from '../../wire/xml.ts'

import { textList } from '../kit/input.ts'

import { detailText, type Entity, type Kind } from './entity-store.ts'
import { alreadyExists, constraintError, invalidInput, noSuchEntity, quotaExceeded, validationError } from './errors.ts'
import type { Iam, Operations } from './iam.ts'
import { readList, readTags, requireText } from './input.ts'
import { renderTags, renderTime } from './render.ts'
import { newUniqueId } from './unique-id.ts'

const CLIENTS_MAX = 100
const THUMBPRINTS_MAX = 5
const CENTURY_MS = 100 * 365 * 86_400_000

/** Throws NoSuchEntity, with what AWS says of an ARN at which there is none. */
export function providerAt(iam: Iam, kind: Kind, arn: string, missing: string): Entity {
  const found = iam.entities.byArn(arn)
  if (found?.kind !== kind) throw noSuchEntity(missing)
  return found
}

const OIDC_ARN = 'OpenIDConnectProviderArn'
const SAML_ARN = 'SAMLProviderArn'

export function oidcProvider(iam: Iam, input: JsonObject): Entity {
  const arn = requireText(input, OIDC_ARN)
  return providerAt(iam, 'oidcProvider', arn, `OpenIDConnect Provider not found for arn ${arn}`)
}

export function samlProvider(iam: Iam, input: JsonObject): Entity {
  const arn = requireText(input, SAML_ARN)
  return providerAt(iam, 'samlProvider', arn, `Manifest not found for arn ${arn}`)
}

export const providerOperations = (iam: Iam): Operations => [...oidcOperations(iam), ...samlOperations(iam)]

function oidcOperations(iam: Iam): Operations {
  const { entities } = iam

  function create(input: JsonObject): readonly (Xml | undefined)[] {
    const url = requireText(input, 'Url', 255)
    if (!/^https:\/\/[\w.-]+(?::\d+)?(?:\/[\x21-\x7e]*)?$/.test(url))
      throw validationError('Invalid Open ID Connect Provider URL')
    const clientIds = checkClients(readList(input, 'ClientIDList'))
    const thumbprints = checkThumbprints(readList(input, 'ThumbprintList'))
    const tags = readTags(input, 'caseInsensitive')
    const name = url.replace(/^https:\/\//, '').replace(/\/$/, '')
    if (entities.find('oidcProvider', name)) throw alreadyExists(`Provider with url ${url} already exists.`)
    const arn = `arn:aws:iam::${iam.account}:oidc-provider/${name}`
    const uniqueId = newUniqueId('')
    entities.create({ kind: 'oidcProvider', name, path: '/', arn, uniqueId, tags, details: { clientIds, thumbprints } })
    return [element(OIDC_ARN, arn), tags.size === 0 ? undefined : renderTags(tags)]
  }

  return [
    ['CreateOpenIDConnectProvider', (input) => create(input).filter((one) => one !== undefined)],
    [
      'GetOpenIDConnectProvider',
      (input) => {
        const provider = oidcProvider(iam, input)
        return [
          element('Url', provider.name),
          renderTexts('ClientIDList', clientsOf(provider)),
          renderTexts('ThumbprintList', thumbprintsOf(provider)),
          element('CreateDate', renderTime(provider.createdMs)),
          renderTags(provider.tags),
        ]
      },
    ],
    [
      'ListOpenIDConnectProviders',
      () => {
        const members = entities.all('oidcProvider').map(({ arn }) => element('member', element('Arn', arn)))
        return element('OpenIDConnectProviderList', members)
      },
    ],
    [
      'UpdateOpenIDConnectProviderThumbprint',
      (input) => {
        const provider = oidcProvider(iam, input)
        const thumbprints = checkThumbprints(readList(input, 'ThumbprintList'))
        entities.change(provider, { details: { ...provider.details, thumbprints } })
        return undefined
      },
    ],
    [
      'AddClientIDToOpenIDConnectProvider',
      (input) => {
        const provider = oidcProvider(iam, input)
        const clientIds = checkClients([...new Set([...clientsOf(provider), requireText(input, 'ClientID', 255)])])
        entities.change(provider, { details: { ...provider.details, clientIds } })
        return undefined
      },
    ],
    [
      'RemoveClientIDFromOpenIDConnectProvider',
      (input) => {
        const provider = oidcProvider(iam, input)
        const gone = requireText(input, 'ClientID', 255)
        const clientIds = clientsOf(provider).filter((id) => id !== gone)
        entities.change(provider, { details: { ...provider.details, clientIds } })
        return undefined
      },
    ],
    [
      'DeleteOpenIDConnectProvider',
      (input) => {
        const arn = requireText(input, OIDC_ARN)
        entities.remove(providerAt(iam, 'oidcProvider', arn, `OpenId connect Provider ${arn} cannot be found.`))
        return undefined
      },
    ],
  ]
}

const clientsOf = ({ details }: Entity): readonly string[] => textList(details, 'clientIds')
const thumbprintsOf = ({ details }: Entity): readonly string[] => textList(details, 'thumbprints')

function checkClients(clientIds: readonly string[]): readonly string[] {
  if (clientIds.length > CLIENTS_MAX) throw quotaExceeded('ClientIdsPerOpenIdConnectProvider', CLIENTS_MAX)
  return clientIds
}

function checkThumbprints(thumbprints: readonly string[]): readonly string[] {
  if (thumbprints.length > THUMBPRINTS_MAX) throw invalidInput('Thumbprint list must contain fewer than 5 entries.')
  if (!thumbprints.every((print) => print.length === 40))
    throw constraintError(
      'thumbprintList',
      'Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]',
    )
  return thumbprints
}

const renderTexts = (name: string, texts: readonly string[]): Xml =>
  element(
    name,
    texts.map((one) => element('member', one)),
  )

function samlOperations(iam: Iam): Operations {
  const { entities } = iam
  const validUntil = ({ createdMs }: Entity) => element('ValidUntil', renderTime(createdMs + CENTURY_MS))

  function create(input: JsonObject): readonly Xml[] {
    const name = requireText(input, 'Name', 128)
    if (!/^[\w.-]+$/.test(name)) throw constraintError('Name', 'Member must satisfy regular expression pattern: [\\w._-]+')
    const document = readMetadata(input)
    const tags = readTags(input, 'caseInsensitive')
    if (entities.find('samlProvider', name)) throw alreadyExists(`SAMLProvider with name ${name} already exists.`)
    const arn = `arn:aws:iam::${iam.account}:saml-provider/${name}`
    const uniqueId = newUniqueId('ASP')
    entities.create({ kind: 'samlProvider', name, path: '/', arn, uniqueId, tags, document, details: { uuid: randomUUID() } })
    return [element(SAML_ARN, arn), ...(tags.size === 0 ? [] : [renderTags(tags)])]
  }

  return [
    ['CreateSAMLProvider', create],
    [
      'GetSAMLProvider',
      (input) => {
        const provider = samlProvider(iam, input)
        return [
          element('SAMLProviderUUID', detailText(provider, 'uuid')),
          element('SAMLMetadataDocument', provider.document ?? ''),
          element('CreateDate', renderTime(provider.createdMs)),
          validUntil(provider),
          renderTags(provider.tags),
          element('AssertionEncryptionMode', 'Allowed'),
          element('PrivateKeyList'),
        ]
      },
    ],
    [
      'ListSAMLProviders',
      () => {
        const members = entities
          .all('samlProvider')
          .map((provider) =>
            element('member', [
              element('Arn', provider.arn),
              validUntil(provider),
              element('CreateDate', renderTime(provider.createdMs)),
            ]),
          )
        return element('SAMLProviderList', members)
      },
    ],
    [
      'UpdateSAMLProvider',
      (input) => {
        const provider = samlProvider(iam, input)
        entities.change(provider, { document: readMetadata(input) })
        return element(SAML_ARN, provider.arn)
      },
    ],
    [
      'DeleteSAMLProvider',
      (input) => {
        entities.remove(samlProvider(iam, input))
        return undefined
      },
    ],
  ]
}

function readMetadata(input: JsonObject): string {
  const document = requireText(input, 'SAMLMetadataDocument', 10_000_000)
  if (document.length < 1000)
    throw constraintError('SAMLMetadataDocument', 'Member must have length greater than or equal to 1000')
  if (!document.includes('EntityDescriptor')) throw invalidInput('Could not parse metadata')
  return document
}
