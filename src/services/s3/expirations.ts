/**
 * Lifecycle rules at work: objects, old versions, lone markers and unfinished uploads that are over are removed, once an hour,
 * in pieces between which others have their turn. What is due while the server is down is removed when it is up again.
 * Source: Amazon S3 user guide, "Expiring objects", "Lifecycle configuration elements".
 */
import { Alarm } from '../../base/alarm.ts'

import { newRestRequestId } from '../../wire/rest-xml.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import type { BucketSettings } from './bucket-settings.ts'
import { concerns, dueAfter, expiryOf, type LifecycleRule, lifecycleRules } from './lifecycle-rules.ts'
import type { Tags, UploadRecord } from './records.ts'
import type { ListedVersion } from './version-records.ts'
import type { ObjectName } from './versions.ts'

export type ExpirationsDeps = Pick<ServiceDeps, 'clock' | 'log'>

/** What it looks at, and does. */
export interface Bins {
  versions(bucket: string, lower: Buffer): Iterable<ListedVersion>
  tags(bucket: string, key: string, version: string): Tags
  uploads(bucket: string): Iterable<UploadRecord>
  remove(bucket: string, names: readonly ObjectName[], requestId: string): void
  abort(bucket: string, key: string, id: string): void
}

const PERIOD_MS = 3_600_000
const START_MS = 10_000
/** Versions that are looked at before others have their turn. */
const PIECE = 500

export class Expirations {
  readonly #deps: ExpirationsDeps
  readonly #settings: BucketSettings
  readonly #bins: Bins
  readonly #alarm: Alarm
  /** Buckets that are still to be looked at in this round, and how far the first one has been. */
  #round: { bucket: string; from: Buffer }[] = []

  constructor(deps: ExpirationsDeps, settings: BucketSettings, bins: Bins) {
    this.#deps = deps
    this.#settings = settings
    this.#bins = bins
    const { clock, log } = deps
    this.#alarm = new Alarm({ clock, log, complaint: 'expired objects could not be removed', work: () => this.#work() })
  }

  start(): void {
    this.#alarm.setFor(this.#deps.clock.now() + START_MS)
  }

  close(): void {
    this.#alarm.close()
  }

  #work(): void {
    const now = this.#deps.clock.now()
    if (this.#round.length === 0)
      this.#round = this.#settings.bucketsWith('lifecycle').map((bucket) => ({ bucket, from: Buffer.alloc(0) }))
    const [first, ...rest] = this.#round
    if (first) {
      const next = this.#sweep(first.bucket, first.from, now)
      this.#round = next === undefined ? rest : [{ bucket: first.bucket, from: next }, ...rest]
    }
    this.#alarm.setFor(now + (this.#round.length > 0 ? 1 : PERIOD_MS))
  }

  /** Where the next piece begins; undefined when all of the bucket was looked at. */
  #sweep(bucket: string, from: Buffer, now: number): Buffer | undefined {
    const document = this.#settings.document(bucket, 'lifecycle')
    if (!document) return undefined
    const rules = lifecycleRules(document)
    if (from.length === 0) this.#abortUploads(bucket, rules, now)
    const over: ObjectName[] = []
    let seen = 0
    let key: string | undefined
    let versions: ListedVersion[] = []
    let next: Buffer | undefined
    for (const version of this.#bins.versions(bucket, from)) {
      if (version.key !== key) {
        over.push(...this.#overOf(bucket, versions, rules, now))
        versions = []
        if (++seen > PIECE) {
          next = Buffer.from(version.key, 'utf8')
          break
        }
      }
      key = version.key
      versions.push(version)
    }
    over.push(...this.#overOf(bucket, versions, rules, now))
    if (over.length > 0) this.#bins.remove(bucket, over, newRestRequestId())
    return next
  }

  /** Of all versions of one key, the newest first. */
  #overOf(bucket: string, versions: readonly ListedVersion[], rules: readonly LifecycleRule[], now: number): ObjectName[] {
    const [latest] = versions
    if (!latest) return []
    const over: ObjectName[] = []
    for (const rule of rules) {
      if (!latest.key.startsWith(rule.prefix)) continue
      const due = expiryOf(rule, latest.modifiedMs)
      if (!latest.isMarker && due !== undefined && due <= now && this.#isMeant(bucket, rule, latest)) {
        over.push({ key: latest.key })
        break
      }
      if (latest.isMarker && versions.length === 1 && (rule.removesLoneMarkers || (due !== undefined && due <= now)))
        over.push({ key: latest.key, version: latest.version })
      over.push(...this.#oldOf(bucket, versions, rule, now))
    }
    return over
  }

  /** Noncurrent versions count from when the next one came. */
  #oldOf(bucket: string, versions: readonly ListedVersion[], rule: LifecycleRule, now: number): ObjectName[] {
    const { noncurrentDays, noncurrentKept } = rule
    if (noncurrentDays === undefined) return []
    return versions.flatMap((version, at) => {
      const since = versions[at - 1]?.modifiedMs
      if (since === undefined || at <= noncurrentKept || dueAfter(since, noncurrentDays) > now) return []
      const { key, version: id } = version
      return version.isMarker || this.#isMeant(bucket, rule, version) ? [{ key, version: id }] : []
    })
  }

  #isMeant(bucket: string, rule: LifecycleRule, { key, bytes, version }: ListedVersion): boolean {
    return concerns(rule, { key, bytes, tags: rule.tags.length === 0 ? [] : this.#bins.tags(bucket, key, version) })
  }

  #abortUploads(bucket: string, rules: readonly LifecycleRule[], now: number): void {
    for (const rule of rules) {
      const days = rule.abortsUploadsAfterDays
      if (days === undefined) continue
      const over = [...this.#bins.uploads(bucket)].filter(
        ({ key, initiatedMs }) => key.startsWith(rule.prefix) && dueAfter(initiatedMs, days) <= now,
      )
      for (const { key, id } of over) this.#bins.abort(bucket, key, id)
    }
  }
}
