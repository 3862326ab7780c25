/**
 * The settings of buckets that are documents: what each is called, what it must hold, and what is told where nothing is set.
 * Most are kept and told again and not acted on; which ones are stands in the README.
 * Source: Amazon S3 API reference, the pages of PutBucket… and GetBucket…; texts as S3 answers them.
 */
import { WireError } from '../../wire/errors.ts'
import { malformedXml } from '../../wire/rest-xml.ts'
import { child, childrenNamed, childText, element, type Xml, type XmlElement } from '../../wire/xml.ts'

import { checkCors } from './cors.ts'
import { invalidArgument, invalidRequest } from './errors.ts'
import { checkLifecycle } from './lifecycle-rules.ts'

/** What a bucket has to be for a setting. */
export interface Surroundings {
  readonly bucket: string
  readonly isVersioned: boolean
  readonly hasBucket: (name: string) => boolean
}

export interface SettingKind {
  /** Of the root element. */
  readonly root: string
  /** What is told where nothing is set: a document, or an error. */
  readonly unset: (bucket: string) => Xml | WireError
  /** What a bucket without the setting once had, and has no more where it was taken away. */
  readonly removed?: (bucket: string) => WireError
  /** Throws what S3 says of a document that it does not take. */
  readonly check?: (document: XmlElement, around: Surroundings) => void
  /** What S3 adds to the document when it takes it. */
  readonly complete?: (document: XmlElement) => XmlElement
  readonly isRemovable: boolean
}

const NAMESPACE = { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' }

const missing = (code: string, message: string) => (bucket: string) => new WireError(404, code, message, { BucketName: bucket })
const bare = (root: string, content?: Xml) => (): Xml => element(root, content, NAMESPACE)

const oneOf = (document: XmlElement, name: string, values: readonly string[]): string => {
  const value = childText(document, name)
  if (value === undefined || !values.includes(value)) throw malformedXml()
  return value
}
const leaf = (name: string, text: string): XmlElement => ({ name, text, children: [] })
const within = (document: XmlElement, children: readonly XmlElement[]): XmlElement => ({ ...document, children })

const BLOCKS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const
const BUCKET_OWNER_ENFORCED = 'BucketOwnerEnforced'
const OWNERSHIPS = [BUCKET_OWNER_ENFORCED, 'BucketOwnerPreferred', 'ObjectWriter']

export const SETTING_KINDS = {
  accelerate: {
    root: 'AccelerateConfiguration',
    unset: bare('AccelerateConfiguration'),
    check: (document) => void oneOf(document, 'Status', ['Enabled', 'Suspended']),
    isRemovable: false,
  },
  cors: {
    root: 'CORSConfiguration',
    unset: missing('NoSuchCORSConfiguration', 'The CORS configuration does not exist'),
    check: checkCors,
    isRemovable: true,
  },
  encryption: {
    root: 'ServerSideEncryptionConfiguration',
    // S3 has encrypted everything since 2023: so it is told where nobody has said how.
    unset: bare(
      'ServerSideEncryptionConfiguration',
      element('Rule', [
        element('ApplyServerSideEncryptionByDefault', element('SSEAlgorithm', 'AES256')),
        element('BucketKeyEnabled', false),
      ]),
    ),
    check: checkEncryption,
    complete: (document) =>
      within(
        document,
        document.children.map((rule) =>
          child(rule, 'BucketKeyEnabled') ? rule : within(rule, [...rule.children, leaf('BucketKeyEnabled', 'false')]),
        ),
      ),
    isRemovable: true,
  },
  lifecycle: {
    root: 'LifecycleConfiguration',
    unset: missing('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
    check: checkLifecycle,
    isRemovable: true,
  },
  logging: {
    root: 'BucketLoggingStatus',
    unset: bare('BucketLoggingStatus'),
    check: checkLogging,
    isRemovable: false,
  },
  'object-lock': {
    root: 'ObjectLockConfiguration',
    unset: missing('ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist for this bucket'),
    check: (document, { isVersioned }) => {
      oneOf(document, 'ObjectLockEnabled', ['Enabled'])
      if (isVersioned) return
      throw new WireError(
        409,
        'InvalidBucketState',
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
      )
    },
    isRemovable: false,
  },
  ownershipControls: {
    root: 'OwnershipControls',
    unset: bare('OwnershipControls', element('Rule', element('ObjectOwnership', BUCKET_OWNER_ENFORCED))),
    removed: missing('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'),
    check: (document) => {
      const [rule] = childrenNamed(document, 'Rule')
      if (!rule) throw malformedXml()
      oneOf(rule, 'ObjectOwnership', OWNERSHIPS)
    },
    isRemovable: true,
  },
  publicAccessBlock: {
    root: 'PublicAccessBlockConfiguration',
    unset: bare('PublicAccessBlockConfiguration', { xml: BLOCKS.map((name) => element(name, true).xml).join('') }),
    removed: missing('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'),
    check: (document) => {
      for (const { name, text } of document.children)
        if (!BLOCKS.some((block) => block === name) || !/^(?:true|false)$/i.test(text.trim())) throw malformedXml()
    },
    complete: (document) =>
      within(
        document,
        BLOCKS.map((name) => leaf(name, childText(document, name)?.toLowerCase() ?? 'false')),
      ),
    isRemovable: true,
  },
  replication: {
    root: 'ReplicationConfiguration',
    unset: missing('ReplicationConfigurationNotFoundError', 'The replication configuration was not found'),
    check: (document, { isVersioned }) => {
      if (childText(document, 'Role') === undefined || childrenNamed(document, 'Rule').length === 0) throw malformedXml()
      if (!isVersioned) throw invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
    },
    isRemovable: true,
  },
  requestPayment: {
    root: 'RequestPaymentConfiguration',
    unset: bare('RequestPaymentConfiguration', element('Payer', 'BucketOwner')),
    check: (document) => void oneOf(document, 'Payer', ['BucketOwner', 'Requester']),
    isRemovable: false,
  },
  website: {
    root: 'WebsiteConfiguration',
    unset: missing('NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration'),
    check: checkWebsite,
    isRemovable: true,
  },
} as const satisfies Record<string, SettingKind>

export type SettingName = keyof typeof SETTING_KINDS

/** Settings of which a bucket may have several, each under an id. */
export const LISTED_KINDS = {
  analytics: { root: 'AnalyticsConfiguration', list: 'ListBucketAnalyticsConfigurationResult' },
  'intelligent-tiering': {
    root: 'IntelligentTieringConfiguration',
    list: 'ListBucketIntelligentTieringConfigurationsOutput',
  },
  inventory: { root: 'InventoryConfiguration', list: 'ListInventoryConfigurationsResult' },
  metrics: { root: 'MetricsConfiguration', list: 'ListMetricsConfigurationsResult' },
} as const satisfies Record<string, { readonly root: string; readonly list: string }>

export type ListedName = keyof typeof LISTED_KINDS

function checkEncryption(document: XmlElement): void {
  const rules = childrenNamed(document, 'Rule')
  if (rules.length !== 1) throw malformedXml()
  for (const rule of rules) {
    const byDefault = child(rule, 'ApplyServerSideEncryptionByDefault')
    if (!byDefault) continue
    const algorithm = oneOf(byDefault, 'SSEAlgorithm', ['AES256', 'aws:kms', 'aws:kms:dsse'])
    if (algorithm === 'AES256' && childText(byDefault, 'KMSMasterKeyID') !== undefined)
      throw invalidArgument('a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse')
  }
}

function checkLogging(document: XmlElement, { hasBucket }: Surroundings): void {
  const enabled = child(document, 'LoggingEnabled')
  if (!enabled) return
  const target = childText(enabled, 'TargetBucket')
  if (target === undefined) throw malformedXml()
  if (!hasBucket(target))
    throw new WireError(400, 'InvalidTargetBucketForLogging', 'The target bucket for logging does not exist', {
      TargetBucket: target,
    })
}

function checkWebsite(document: XmlElement): void {
  const [index, redirect] = [child(document, 'IndexDocument'), child(document, 'RedirectAllRequestsTo')]
  if (redirect) {
    if (document.children.length > 1)
      throw invalidArgument(
        'RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.',
        'RedirectAllRequestsTo',
        'not null',
      )
    if (childText(redirect, 'HostName') === undefined) throw malformedXml()
    return
  }
  const suffix = index && childText(index, 'Suffix')
  if (suffix === undefined)
    throw invalidArgument(
      'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty',
      'IndexDocument',
      'null',
    )
  if (suffix === '' || suffix.includes('/'))
    throw invalidArgument('The IndexDocument Suffix is not well formed', 'IndexDocument', suffix)
}
