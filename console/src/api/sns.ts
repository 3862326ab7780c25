/** SNS by its Query protocol. */
import { readXml } from './s3.ts'

export const callSns = async (Action: string, parameters: Readonly<Record<string, string>> = {}): Promise<Document> =>
  readXml(await fetch('/', { method: 'POST', body: new URLSearchParams({ Action, Version: '2010-03-31', ...parameters }) }))

/** Of each `member`, the texts of its children by name. */
export const membersOf = (xml: Document): readonly Readonly<Record<string, string>>[] =>
  [...xml.querySelectorAll('member')].map((member) =>
    Object.fromEntries([...member.children].map((child) => [child.tagName, child.textContent ?? ''])),
  )
