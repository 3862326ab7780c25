/**
 * Whom a bucket tells of what happens to its objects: the configuration, read and checked.
 * Source: Amazon S3 user guide, "Amazon S3 Event Notifications", "Configuring event notifications using object key name
 * filtering"; API reference, PutBucketNotificationConfiguration.
 */
import { randomUUID } from 'node:crypto'

import { malformedXml } from '../../wire/rest-xml.ts'
import { child, childrenNamed, childText, type XmlElement } from '../../wire/xml.ts'

import { invalidArgument } from './errors.ts'

export interface NotificationRule {
  readonly id: string
  /** ARN of a queue, a topic or a function. */
  readonly target: string
  /** `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete`, … */
  readonly events: readonly string[]
  readonly prefix: string
  readonly suffix: string
}

export interface Notifications {
  readonly rules: readonly NotificationRule[]
  readonly isForEventBridge: boolean
}

export const NO_NOTIFICATIONS: Notifications = { rules: [], isForEventBridge: false }

/** What each kind of target is called, in the order in which S3 tells them. */
const KINDS = [
  { root: 'TopicConfiguration', target: 'Topic', service: 'sns' },
  { root: 'QueueConfiguration', target: 'Queue', service: 'sqs' },
  { root: 'CloudFunctionConfiguration', target: 'CloudFunction', service: 'lambda' },
] as const

const EVENT =
  /^s3:(?:ObjectCreated:(?:\*|Put|Post|Copy|CompleteMultipartUpload)|ObjectRemoved:(?:\*|Delete|DeleteMarkerCreated)|ObjectRestore:(?:\*|Post|Completed|Delete)|Replication:(?:\*|\w+)|ReducedRedundancyLostObject|LifecycleExpiration:(?:\*|Delete|DeleteMarkerCreated)|LifecycleTransition|IntelligentTiering|ObjectTagging:(?:\*|Put|Delete)|ObjectAcl:Put|TestEvent)$/

/** The configuration with an id for each rule, as S3 keeps it. Throws MalformedXML or InvalidArgument. */
export function completeNotifications(document: XmlElement): XmlElement {
  const children = document.children.map((rule) => {
    if (rule.name === 'EventBridgeConfiguration') return rule
    if (!KINDS.some(({ root }) => root === rule.name)) throw malformedXml()
    const id = childText(rule, 'Id') ?? ''
    if (id !== '') return rule
    const others = rule.children.filter(({ name }) => name !== 'Id')
    return { ...rule, children: [{ name: 'Id', text: randomUUID(), children: [] }, ...others] }
  })
  const whole = { ...document, children }
  checkOverlaps(readNotifications(whole).rules)
  return whole
}

/** Throws MalformedXML or InvalidArgument. */
export function readNotifications(document: XmlElement): Notifications {
  const rules = KINDS.flatMap(({ root, target, service }) =>
    childrenNamed(document, root).map((rule): NotificationRule => {
      const arn = childText(rule, target)?.trim() ?? ''
      if (!new RegExp(`^arn:[^:]+:${service}:[^:]*:\\d{12}:.+$`).test(arn))
        throw invalidArgument('The ARN could not be parsed', target, arn)
      const events = childrenNamed(rule, 'Event').map(({ text }) => text.trim())
      if (events.length === 0) throw malformedXml()
      const strange = events.find((event) => !EVENT.test(event))
      if (strange !== undefined) throw invalidArgument('The event is not supported for notifications', 'Event', strange)
      return { id: childText(rule, 'Id') ?? '', target: arn, events, ...readFilter(rule) }
    }),
  )
  return { rules, isForEventBridge: child(document, 'EventBridgeConfiguration') !== undefined }
}

function readFilter(rule: XmlElement): Pick<NotificationRule, 'prefix' | 'suffix'> {
  const filter = child(rule, 'Filter')
  const key = filter && child(filter, 'S3Key')
  const found = { prefix: '', suffix: '' }
  for (const part of key ? childrenNamed(key, 'FilterRule') : []) {
    const [name, value] = [childText(part, 'Name')?.toLowerCase(), childText(part, 'Value') ?? '']
    if (name !== 'prefix' && name !== 'suffix')
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', name ?? '')
    if (found[name] !== '')
      throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', name)
    found[name] = value
  }
  return found
}

/** Of one event no object may be told twice by rules of one bucket. */
function checkOverlaps(rules: readonly NotificationRule[]): void {
  for (const [at, one] of rules.entries())
    for (const other of rules.slice(at + 1)) {
      const isShared = one.events.some((event) => other.events.some((more) => covers(event, more) || covers(more, event)))
      if (!isShared || !overlap(one.prefix, other.prefix, (a, b) => a.startsWith(b))) continue
      if (!overlap(one.suffix, other.suffix, (a, b) => a.endsWith(b))) continue
      throw invalidArgument(
        'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
        one.id,
        one.target,
      )
    }
}

const overlap = (a: string, b: string, isWithin: (a: string, b: string) => boolean): boolean => isWithin(a, b) || isWithin(b, a)

/** `s3:ObjectCreated:*` covers `s3:ObjectCreated:Put`. */
const covers = (pattern: string, event: string): boolean =>
  pattern.endsWith('*') ? event.startsWith(pattern.slice(0, -1)) : pattern === event

export const rulesFor = ({ rules }: Notifications, event: string, key: string): readonly NotificationRule[] =>
  rules.filter(
    (rule) =>
      key.startsWith(rule.prefix) && key.endsWith(rule.suffix) && rule.events.some((pattern) => covers(pattern, `s3:${event}`)),
  )
