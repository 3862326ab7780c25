/**
 * The files of a function's code. Where all of them are texts of a size to be written by hand, they are edited here and saved as
 * a new archive; else they are looked at.
 */
import Button from '@cloudscape-design/components/button'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Suspense, useEffect, useState } from 'react'

import {
  type CodeFile,
  type CodeFiles as CodeList,
  type LambdaFunction,
  listCode,
  readCode,
  updateCode,
} from '../../api/lambda.ts'
import { begin, isUnsaved, lookedAt, saved, type ServedCode, write, type WrittenCode } from '../../model/written-code.ts'
import { Problem } from '../../ui/error.tsx'
import { lazily } from '../../ui/lazily.ts'
import { Loading } from '../../ui/loading.tsx'
import { showBytes } from '../../ui/time.ts'
import { useMessages } from '../../messages/messages.tsx'

const TextEditor = lazily(() => import('../../editor/text-editor.tsx'))

const [FILES_MAX, BYTES_MAX] = [20, 524_288]

interface CodeFilesProps {
  readonly found: LambdaFunction
}

export function CodeFiles({ found }: CodeFilesProps) {
  const { t } = useMessages()
  const name = found.FunctionName
  const { data, error } = useQuery({
    queryKey: ['code', name, found.RevisionId],
    queryFn: ({ signal }) => readAll(found, signal),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  })
  if (!data) return error ? <Problem error={error} /> : <Loading />
  if (data.served) return <Editing found={found} served={data.served} />
  return (
    <>
      <p>{t('codeReadOnly')}</p>
      <Looking name={name} files={data.files} isCut={data.isCut} />
    </>
  )
}

interface ReadCode extends CodeList {
  /** Where it is to be edited here. */
  readonly served?: ServedCode
}

async function readAll({ FunctionName, RevisionId }: LambdaFunction, signal: AbortSignal): Promise<ReadCode> {
  const list = await listCode(FunctionName, signal)
  const { files, isCut } = list
  if (isCut || files.length > FILES_MAX || files.reduce((sum, { size }) => sum + size, 0) > BYTES_MAX) return list
  const texts = new Map<string, string>()
  for (const [path, file] of await Promise.all(
    files.map(async ({ path }) => [path, await readCode(FunctionName, path, signal)] as const),
  )) {
    if (file.text === undefined || file.isCut) return list
    texts.set(path, file.text)
  }
  return { ...list, served: { revision: RevisionId, texts } }
}

/** What was written and not saved, by the function's name: other tabs and pages may be looked at meanwhile. */
const UNSAVED = new Map<string, WrittenCode>()

function useWritten(name: string, served: ServedCode) {
  const [written, setWritten] = useState(() => lookedAt(UNSAVED.get(name) ?? begin(served), served))
  if (written.seen !== served) setWritten(lookedAt(written, served))
  const isChanged = isUnsaved(written)
  useEffect(() => {
    if (!isChanged) return void UNSAVED.delete(name)
    UNSAVED.set(name, written)
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [name, written, isChanged])
  return [written, setWritten, isChanged] as const
}

function Editing({ found, served }: { readonly found: LambdaFunction; readonly served: ServedCode }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const name = found.FunctionName
  const [written, setWritten, isChanged] = useWritten(name, served)
  const edited = written.texts
  const texts = written.base.texts
  const [chosen, choose] = useState<string>()
  const path = chosen !== undefined && edited.has(chosen) ? chosen : mainFile(found, [...edited.keys()])
  const [newPath, setNewPath] = useState('')
  const save = useMutation({
    mutationFn: async ({ texts, base }: WrittenCode): Promise<ServedCode> => {
      const files = [...texts].map(([path, text]) => ({ path, text }))
      return { revision: (await updateCode(name, files, base.revision)).RevisionId, texts }
    },
    onSuccess: (served) => {
      setWritten((now) => saved(now, served))
      return queries.invalidateQueries({ queryKey: ['function', name] })
    },
  })
  const put = (path: string, text: string) => setWritten((now) => write(now, path, text))
  return (
    <>
      <div className="code-files">
        <div>
          <ul aria-label={t('files')}>
            {[...edited].map(([one, text]) => (
              <li key={one}>
                <button type="button" className="plain" aria-current={one === path} onClick={() => choose(one)}>
                  {one}
                </button>{' '}
                {texts.get(one) !== text && <span title={t('unsaved')}>●</span>}
              </li>
            ))}
          </ul>
          <form
            className="form"
            onSubmit={(event) => {
              event.preventDefault()
              const one = newPath.trim()
              if (one === '' || edited.has(one)) return
              put(one, '')
              choose(one)
              setNewPath('')
            }}
          >
            <label>
              {t('newFile')}{' '}
              <input value={newPath} placeholder="lib/util.mjs" onChange={(event) => setNewPath(event.target.value)} />
            </label>
          </form>
        </div>
        <Suspense fallback={<Loading />}>
          <TextEditor
            key={path}
            text={edited.get(path) ?? ''}
            label={path}
            isReadOnly={false}
            onChange={(text) => put(path, text)}
            onSave={() => isChanged && !save.isPending && save.mutate(written)}
          />
        </Suspense>
      </div>
      <div className="toolbar">
        <Button variant="primary" disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate(written)}>
          {t('saveCode')}
        </Button>
        {isChanged && <Button onClick={() => setWritten(begin(served))}>{t('discard')}</Button>}
        {isChanged && <span role="status">{t('unsaved')}</span>}
      </div>
      <Problem error={save.error} />
    </>
  )
}

/** The one that the handler stands in, where it can be told. */
function mainFile({ Handler = '' }: LambdaFunction, paths: readonly string[]): string {
  const module = Handler.replace(/\.[^.]*$/, '')
  return paths.find((path) => path.replace(/\.\w+$/, '') === module) ?? paths[0] ?? ''
}

interface LookingProps {
  readonly name: string
  readonly files: readonly { readonly path: string; readonly size: number }[]
  readonly isCut: boolean
}

function Looking({ name, files, isCut }: LookingProps) {
  const { t } = useMessages()
  const [chosen, choose] = useState<string>()
  const path = chosen ?? files[0]?.path
  const file = useQuery({
    queryKey: ['code', name, 'file', path],
    queryFn: ({ signal }) => readCode(name, path ?? '', signal),
    enabled: path !== undefined,
  })
  return (
    <div className="code-files">
      <Problem error={file.error} />
      <ul aria-label={t('files')}>
        {files.map((one) => (
          <li key={one.path}>
            <button type="button" className="plain" aria-current={one.path === path} onClick={() => choose(one.path)}>
              {one.path}
            </button>{' '}
            {showBytes(one.size)}
          </li>
        ))}
        {isCut && <li>…</li>}
      </ul>
      <div>{file.data && <FileText file={file.data} path={path ?? ''} />}</div>
    </div>
  )
}

function FileText({ file, path }: { readonly file: CodeFile; readonly path: string }) {
  const { t } = useMessages()
  if (file.isBinary) return <p>{t('binary')}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="json" tabIndex={0} aria-label={path}>
      {file.text}
      {file.isCut && '…'}
    </section>
  )
}
