/**
 * Access control lists: kept and told, and not enforced. A bucket that belongs to its owner alone (BucketOwnerEnforced, as all new
 * ones do) takes none.
 * Source: Amazon S3 user guide, "Access control list (ACL) overview", "Canned ACL", "Controlling ownership of objects".
 */
import type { IncomingHttpHeaders } from 'node:http'

import { WireError } from '../../wire/errors.ts'
import { headerOf } from '../../wire/http.ts'
import { malformedXml, parseRestXml } from '../../wire/rest-xml.ts'
import { child, childrenNamed, childText, element, type Xml, type XmlElement } from '../../wire/xml.ts'

import { invalidArgument, invalidRequest } from './errors.ts'

export type Grantee =
  | { readonly kind: 'CanonicalUser'; readonly id: string }
  | { readonly kind: 'Group'; readonly uri: string }
  | { readonly kind: 'AmazonCustomerByEmail'; readonly email: string }

export interface Grant {
  readonly grantee: Grantee
  readonly permission: string
}

const PERMISSIONS = ['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP']
const GRANT_HEADERS: readonly (readonly [header: string, permission: string])[] = [
  ['x-amz-grant-full-control', 'FULL_CONTROL'],
  ['x-amz-grant-read', 'READ'],
  ['x-amz-grant-write', 'WRITE'],
  ['x-amz-grant-read-acp', 'READ_ACP'],
  ['x-amz-grant-write-acp', 'WRITE_ACP'],
]
const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers'
const AUTHENTICATED = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'
const LOG_DELIVERY = 'http://acs.amazonaws.com/groups/s3/LogDelivery'

/** What each adds to the owner's full control. */
const CANNED: ReadonlyMap<string, readonly (readonly [uri: string, permission: string])[]> = new Map([
  ['private', []],
  ['public-read', [[ALL_USERS, 'READ']]],
  [
    'public-read-write',
    [
      [ALL_USERS, 'READ'],
      [ALL_USERS, 'WRITE'],
    ],
  ],
  ['authenticated-read', [[AUTHENTICATED, 'READ']]],
  ['aws-exec-read', []],
  ['bucket-owner-read', []],
  ['bucket-owner-full-control', []],
  [
    'log-delivery-write',
    [
      [LOG_DELIVERY, 'WRITE'],
      [LOG_DELIVERY, 'READ_ACP'],
    ],
  ],
])

export const ownerGrants = (owner: string): readonly Grant[] => [
  { grantee: { kind: 'CanonicalUser', id: owner }, permission: 'FULL_CONTROL' },
]

/** What the headers ask for; undefined where they are silent. Throws InvalidArgument. */
export function grantsOfHeaders(headers: IncomingHttpHeaders, owner: string): readonly Grant[] | undefined {
  const canned = headerOf(headers, 'x-amz-acl')
  const given = GRANT_HEADERS.filter(([header]) => headers[header] !== undefined)
  if (canned !== undefined && given.length > 0)
    throw invalidRequest('Specifying both Canned ACLs and Header Grants is not allowed')
  if (canned !== undefined) {
    const added = CANNED.get(canned)
    if (added === undefined) throw invalidArgument('', 'x-amz-acl', canned)
    return [
      ...ownerGrants(owner),
      ...added.map(([uri, permission]) => ({ grantee: { kind: 'Group', uri } as const, permission })),
    ]
  }
  if (given.length === 0) return undefined
  return given.flatMap(([header, permission]) =>
    (headerOf(headers, header) ?? '').split(',').map((text) => ({ grantee: granteeOfHeader(text.trim(), header), permission })),
  )
}

function granteeOfHeader(text: string, header: string): Grantee {
  const [, name, value] = /^(id|uri|emailAddress)="?([^"]+)"?$/.exec(text) ?? []
  if (value === undefined) throw invalidArgument('Argument format not recognized', header, text)
  if (name === 'id') return { kind: 'CanonicalUser', id: value }
  return name === 'uri' ? { kind: 'Group', uri: value } : { kind: 'AmazonCustomerByEmail', email: value }
}

/** Throws MalformedACLError. */
export function grantsOfBody(body: Buffer): readonly Grant[] {
  const list = child(parseAcl(body), 'AccessControlList')
  if (!list) throw malformedAcl()
  return childrenNamed(list, 'Grant').map((grant) => {
    const [grantee, permission] = [child(grant, 'Grantee'), childText(grant, 'Permission')]
    if (!grantee || permission === undefined || !PERMISSIONS.includes(permission)) throw malformedAcl()
    return { grantee: readGrantee(grantee), permission }
  })
}

function parseAcl(body: Buffer): XmlElement {
  try {
    return parseRestXml(body, 'AccessControlPolicy')
  } catch (error) {
    throw error instanceof WireError && error.code === malformedXml().code ? malformedAcl() : error
  }
}

function readGrantee(grantee: XmlElement): Grantee {
  const [id, uri, email] = ['ID', 'URI', 'EmailAddress'].map((name) => childText(grantee, name))
  if (id !== undefined) return { kind: 'CanonicalUser', id }
  if (uri !== undefined) return { kind: 'Group', uri }
  if (email !== undefined) return { kind: 'AmazonCustomerByEmail', email }
  throw malformedAcl()
}

const malformedAcl = () =>
  new WireError(
    400,
    'MalformedACLError',
    'The XML you provided was not well-formed or did not validate against our published schema',
  )

/** Whether these are the owner's rights and nobody else's, which every bucket takes. */
export const isOwnersOnly = (grants: readonly Grant[], owner: string): boolean =>
  grants.every(({ grantee }) => grantee.kind === 'CanonicalUser' && grantee.id === owner)

export const aclNotSupported = () => new WireError(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs')

export function aclXml(owner: Xml, grants: readonly Grant[]): Xml {
  const shown = grants.map(({ grantee, permission }) =>
    element('Grant', [
      element('Grantee', granteeXml(grantee), {
        'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
        'xsi:type': grantee.kind,
      }),
      element('Permission', permission),
    ]),
  )
  return element('AccessControlPolicy', [owner, element('AccessControlList', shown)], {
    xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/',
  })
}

function granteeXml(grantee: Grantee): Xml {
  switch (grantee.kind) {
    case 'CanonicalUser':
      return element('ID', grantee.id)
    case 'Group':
      return element('URI', grantee.uri)
    case 'AmazonCustomerByEmail':
      return element('EmailAddress', grantee.email)
  }
}
