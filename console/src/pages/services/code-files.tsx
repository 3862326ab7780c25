/** The files of a function's code, and the text of the one that is chosen. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { listCode, readCode } from '../../api/lambda.ts'
import { Problem } from '../../ui/error.tsx'
import { Loading } from '../../ui/loading.tsx'
import { showBytes } from '../../ui/time.ts'
import { useMessages } from '../../messages/messages.tsx'

export function CodeFiles({ name }: { readonly name: string }) {
  const { t } = useMessages()
  const [chosen, choose] = useState<string>()
  const list = useQuery({ queryKey: ['code', name], queryFn: ({ signal }) => listCode(name, signal) })
  const path = chosen ?? list.data?.files[0]?.path
  const file = useQuery({
    queryKey: ['code', name, path],
    queryFn: ({ signal }) => readCode(name, path ?? '', signal),
    enabled: path !== undefined,
  })
  return (
    <>
      <Problem error={list.error ?? file.error} />
      {!list.data && !list.error && <Loading />}
      <div className="code-files">
        <ul aria-label={t('files')}>
          {list.data?.files.map((one) => (
            <li key={one.path}>
              <button type="button" className="plain" aria-current={one.path === path} onClick={() => choose(one.path)}>
                {one.path}
              </button>{' '}
              {showBytes(one.size)}
            </li>
          ))}
          {list.data?.isCut && <li>…</li>}
        </ul>
        <div>
          {file.data?.isBinary && <p>{t('binary')}</p>}
          {file.data?.text !== undefined && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
            <section className="json" tabIndex={0} aria-label={path}>
              {file.data.text}
              {file.data.isCut && '…'}
            </section>
          )}
        </div>
      </div>
    </>
  )
}
