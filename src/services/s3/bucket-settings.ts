/**
 * What buckets are set to, as documents in the spelling in which they are told again: XML, and the policy's JSON.
 * A setting that everybody has until it is taken away (`removed` in setting-kinds.ts) leaves an empty document behind.
 */
import { WireError } from '../../wire/errors.ts'
import { malformedXml, parseRestXml } from '../../wire/rest-xml.ts'
import { childText, element, parseXml, type Xml, type XmlElement } from '../../wire/xml.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import {
  LISTED_KINDS,
  type ListedName,
  SETTING_KINDS,
  type SettingKind,
  type SettingName,
  type Surroundings,
} from './setting-kinds.ts'

/** Those that are no plain document of setting-kinds.ts. */
export type OwnSetting = 'acl' | 'policy' | 'notification' | 'lifecycle-minimum'
type AnyName = SettingName | ListedName | OwnSetting

const REMOVED = ''
const NAMESPACE = { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' }

export class BucketSettings {
  readonly #sql

  constructor(database: ServicesDatabase) {
    this.#sql = {
      get: database.prepareValue<[string, string, string], string>(
        'select document from s3_setting where bucket = ? and name = ? and id = ?',
      ),
      all: database.prepareValue<[string, string], string>(
        'select document from s3_setting where bucket = ? and name = ? order by id',
      ),
      put: database.prepare<[string, string, string, string]>('insert or replace into s3_setting values (?, ?, ?, ?)'),
      remove: database.prepare<[string, string, string]>('delete from s3_setting where bucket = ? and name = ? and id = ?'),
      removeAll: database.prepare<[string]>('delete from s3_setting where bucket = ?'),
      buckets: database.prepareValue<[string], string>("select bucket from s3_setting where name = ? and document <> ''"),
    }
  }

  /** The document itself; undefined where it is not set. */
  text(bucket: string, name: AnyName): string | undefined {
    const document = this.#sql.get.get(bucket, name, '')
    return document === REMOVED ? undefined : document
  }

  /** Whether what every bucket has was taken away from this one. */
  isRemoved(bucket: string, name: SettingName): boolean {
    return this.#sql.get.get(bucket, name, '') === REMOVED
  }

  /** Of an XML document. */
  document(bucket: string, name: SettingName | 'acl' | 'notification'): XmlElement | undefined {
    const text = this.text(bucket, name)
    return text === undefined ? undefined : parseXml(text)
  }

  setText(bucket: string, name: OwnSetting, text: string): void {
    this.#sql.put.run(bucket, name, '', text)
  }

  remove(bucket: string, name: AnyName): void {
    this.#sql.remove.run(bucket, name, '')
  }

  removeAll(bucket: string): void {
    this.#sql.removeAll.run(bucket)
  }

  /** Those that have the setting. */
  bucketsWith(name: AnyName): readonly string[] {
    return this.#sql.buckets.all(name)
  }

  // ---- plain documents

  /** As it is told. Throws what is told where nothing is set. */
  told(bucket: string, name: SettingName): Xml {
    const kind: SettingKind = SETTING_KINDS[name]
    const found = this.#sql.get.get(bucket, name, '')
    if (found !== undefined && found !== REMOVED) return { xml: found }
    const told = found === REMOVED && kind.removed ? kind.removed(bucket) : kind.unset(bucket)
    if (told instanceof WireError) throw told
    return told
  }

  /** Throws MalformedXML, or what S3 says of such a setting. */
  put(name: SettingName, body: Buffer, around: Surroundings): void {
    const kind: SettingKind = SETTING_KINDS[name]
    const document = parseRestXml(body, kind.root)
    kind.check?.(document, around)
    this.#sql.put.run(around.bucket, name, '', xmlOf(kind.complete?.(document) ?? document, NAMESPACE).xml)
  }

  delete(bucket: string, name: SettingName): void {
    const kind: SettingKind = SETTING_KINDS[name]
    if (kind.removed) this.#sql.put.run(bucket, name, '', REMOVED)
    else this.remove(bucket, name)
  }

  // ---- documents of which there may be several

  toldOf(bucket: string, name: ListedName, id: string): Xml {
    const found = this.#sql.get.get(bucket, name, id)
    if (found === undefined) throw noSuchConfiguration()
    return { xml: found }
  }

  list(bucket: string, name: ListedName): Xml {
    const { list } = LISTED_KINDS[name]
    const documents = this.#sql.all.all(bucket, name).map((xml) => ({ xml }))
    return element(list, [documents, element('IsTruncated', false)], NAMESPACE)
  }

  putListed(bucket: string, name: ListedName, id: string, body: Buffer): void {
    const document = parseRestXml(body, LISTED_KINDS[name].root)
    if (id === '' || childText(document, 'Id') !== id) throw malformedXml()
    this.#sql.put.run(bucket, name, id, xmlOf(document).xml)
  }

  deleteListed(bucket: string, name: ListedName, id: string): void {
    if (this.#sql.remove.run(bucket, name, id).changes === 0) throw noSuchConfiguration()
  }
}

const noSuchConfiguration = () => new WireError(404, 'NoSuchConfiguration', 'The specified configuration does not exist.')

/** A document again: what stands between elements is dropped. */
export function xmlOf(document: XmlElement, attributes: Readonly<Record<string, string>> = {}): Xml {
  const { name, text, children } = document
  return element(name, children.length === 0 ? text : children.map((one) => xmlOf(one)), attributes)
}
