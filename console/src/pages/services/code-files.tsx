/**
 * The files of a function's code. Where all of them are texts of a size to be written by hand, they are edited here and saved as
 * a new archive; else they are looked at.
 */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Suspense, useState } from 'react'

import { type CodeFile, type LambdaFunction, listCode, readCode, updateCode } from '../../api/lambda.ts'
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
  const list = useQuery({ queryKey: ['code', name], queryFn: ({ signal }) => listCode(name, signal) })
  const files = list.data?.files ?? []
  const isSmall =
    list.data?.isCut === false && files.length <= FILES_MAX && files.reduce((sum, { size }) => sum + size, 0) <= BYTES_MAX
  const texts = useQuery({
    queryKey: ['code', name, 'texts', files],
    queryFn: async ({ signal }) => {
      const read = await Promise.all(files.map(async ({ path }) => [path, await readCode(name, path, signal)] as const))
      return read.every(([, file]) => file.text !== undefined && !file.isCut)
        ? new Map(read.map(([path, { text = '' }]) => [path, text]))
        : null
    },
    enabled: isSmall,
    refetchOnWindowFocus: false,
  })
  if (!list.data || (isSmall && texts.data === undefined && !texts.error))
    return list.error ? <Problem error={list.error} /> : <Loading />
  if (texts.data) return <Editing key={found.RevisionId} found={found} texts={texts.data} />
  return (
    <>
      <Problem error={texts.error} />
      <p>{t('codeReadOnly')}</p>
      <Looking name={name} files={files} isCut={list.data.isCut} />
    </>
  )
}

function Editing({ found, texts }: { readonly found: LambdaFunction; readonly texts: ReadonlyMap<string, string> }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const name = found.FunctionName
  const [edited, setEdited] = useState(texts)
  const [path, choose] = useState(() => mainFile(found, [...texts.keys()]))
  const [newPath, setNewPath] = useState('')
  const isChanged = edited.size !== texts.size || [...edited].some(([path, text]) => texts.get(path) !== text)
  const save = useMutation({
    mutationFn: () =>
      updateCode(
        name,
        [...edited].map(([path, text]) => ({ path, text })),
        found.RevisionId,
      ),
    onSuccess: () => Promise.all(['function', 'code'].map((what) => queries.invalidateQueries({ queryKey: [what, name] }))),
  })
  const put = (path: string, text: string) => setEdited(new Map(edited).set(path, text))
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
            onSave={() => isChanged && !save.isPending && save.mutate()}
          />
        </Suspense>
      </div>
      <div className="toolbar">
        <Button variant="primary" disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate()}>
          {t('saveCode')}
        </Button>
        {isChanged && <Button onClick={() => setEdited(texts)}>{t('discard')}</Button>}
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
    queryKey: ['code', name, path],
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
