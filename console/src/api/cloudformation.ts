/** CloudFormation by its Query protocol. */
import { SERVICES } from '../../../src/aws/services.ts'
import type { Page } from '../ui/use-pages.ts'
import { readXml } from './s3.ts'

type Texts = Readonly<Record<string, string>>

export const callCloudFormation = async (Action: string, parameters: Texts = {}, signal?: AbortSignal): Promise<Document> =>
  readXml(
    await fetch('/', {
      method: 'POST',
      body: new URLSearchParams({ Action, Version: SERVICES.cloudformation.version, ...parameters }),
      signal: signal ?? null,
    }),
  )

/** A page of the members of a list: of each, the texts of its children by name. `list`: the element that holds them. */
export async function listCloudFormation(
  Action: string,
  list: string,
  parameters: Texts,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Page<Texts>> {
  const xml = await callCloudFormation(Action, { ...parameters, ...(token !== undefined && { NextToken: token }) }, signal)
  return { items: membersOf(xml, list), next: xml.querySelector('NextToken')?.textContent ?? undefined }
}

/** The members of the first list of that name. */
export const membersOf = (xml: Document | Element, list: string): readonly Texts[] =>
  [...(xml.querySelector(list)?.children ?? [])].map((member) =>
    Object.fromEntries([...member.children].map((child) => [child.tagName, child.textContent ?? ''])),
  )
