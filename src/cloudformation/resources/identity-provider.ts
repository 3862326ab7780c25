/**
 * Who proves that somebody is who he is: OpenID Connect and SAML.
 * Source: CloudFormation, AWS::IAM::OIDCProvider and AWS::IAM::SAMLProvider; IAM API reference.
 */
import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { changeIamTags, iamTags } from './principal.ts'
import { changeOf, claim, listAt, physicalName, requiredText, type ResourceType, textAt } from './resource.ts'

export const oidcProvider: ResourceType = {
  replacedBy: ['Url'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws, partition, account } = context
    const Url = requiredText(properties, 'Url')
    const arn = `arn:${partition}:iam::${account}:oidc-provider/${Url.replace(/^https:\/\//, '').replace(/\/$/, '')}`
    const key = { OpenIDConnectProviderArn: arn }
    const ask = (action: string, more: JsonObject = {}) => aws.query(SERVICES.iam, action, { ...key, ...more })
    const found = claim(await orUndefined(ask('GetOpenIDConnectProvider'), 'NoSuchEntity'), resource, Url, context)
    const clients = listAt(properties, 'ClientIdList').map(String)
    const thumbprints = listAt(properties, 'ThumbprintList').map(String)
    if (found === undefined) {
      const input = { Url, ClientIDList: clients, ThumbprintList: thumbprints, ...iamTags(properties) }
      await aws.query(SERVICES.iam, 'CreateOpenIDConnectProvider', input)
    }
    const known = found === undefined ? clients : listAt(found, 'ClientIDList').map(String)
    const prints = found === undefined ? thumbprints : listAt(found, 'ThumbprintList').map(String)
    const hasOtherPrints = prints.join() !== thumbprints.join()
    if (hasOtherPrints) await ask('UpdateOpenIDConnectProviderThumbprint', { ThumbprintList: thumbprints })
    const missing = clients.filter((one) => !known.includes(one))
    const surplus = known.filter((one) => !clients.includes(one))
    for (const ClientID of missing) await ask('AddClientIDToOpenIDConnectProvider', { ClientID })
    for (const ClientID of surplus) await ask('RemoveClientIDFromOpenIDConnectProvider', { ClientID })
    const hasOtherTags = found !== undefined && (await changeIamTags(resource, 'OpenIDConnectProvider', key, aws))
    const change = changeOf(found, hasOtherPrints, missing.length + surplus.length > 0, hasOtherTags)
    return { ref: arn, attributes: { Arn: arn }, change }
  },
  async remove(ref, aws) {
    const input = { OpenIDConnectProviderArn: ref }
    await orUndefined(aws.query(SERVICES.iam, 'DeleteOpenIDConnectProvider', input), 'NoSuchEntity')
    return undefined
  },
}

export const samlProvider: ResourceType = {
  ignores: ['AddPrivateKey', 'AssertionEncryptionMode', 'PrivateKeyList', 'RemovePrivateKey'],
  replacedBy: ['AddPrivateKey', 'Name', 'RemovePrivateKey'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws, partition, account } = context
    const Name = textAt(properties, 'Name') ?? physicalName(context, id, 128)
    const arn = `arn:${partition}:iam::${account}:saml-provider/${Name}`
    const key = { SAMLProviderArn: arn }
    const SAMLMetadataDocument = requiredText(properties, 'SamlMetadataDocument')
    const asked = aws.query(SERVICES.iam, 'GetSAMLProvider', key)
    const found = claim(await orUndefined(asked, 'NoSuchEntity'), resource, Name, context)
    const isSame = found !== undefined && textAt(found, 'SAMLMetadataDocument') === SAMLMetadataDocument
    if (found === undefined)
      await aws.query(SERVICES.iam, 'CreateSAMLProvider', { Name, SAMLMetadataDocument, ...iamTags(properties) })
    else if (!isSame) await aws.query(SERVICES.iam, 'UpdateSAMLProvider', { ...key, SAMLMetadataDocument })
    const hasOtherTags = found !== undefined && (await changeIamTags(resource, 'SAMLProvider', key, aws))
    const shown = await aws.query(SERVICES.iam, 'GetSAMLProvider', key)
    const attributes = { Arn: arn, SamlProviderUUID: textAt(shown, 'SAMLProviderUUID') ?? '' }
    return { ref: arn, attributes, change: changeOf(found, !isSame, hasOtherTags) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.query(SERVICES.iam, 'DeleteSAMLProvider', { SAMLProviderArn: ref }), 'NoSuchEntity')
    return undefined
  },
}
