/** A call by hand; events to call with are kept in this browser, by name. */
import Button from '@cloudscape-design/components/button'
import { useMutation } from '@tanstack/react-query'
import { Suspense, useMemo, useState } from 'react'

import { readJson } from '../../../../src/source/json.ts'
import { invokeFunction } from '../../api/lambda.ts'
import { dropTest, keepTest, readTests } from '../../model/kept-tests.ts'
import { Problem } from '../../ui/error.tsx'
import { JsonView } from '../../ui/json-view.tsx'
import { lazily } from '../../ui/lazily.ts'
import { Loading } from '../../ui/loading.tsx'
import { showSpan } from '../../ui/time.ts'
import { tellDiagnostic } from '../../messages/diagnostics.ts'
import { useMessages } from '../../messages/messages.tsx'

const JsonEditor = lazily(() => import('../../editor/json-editor.tsx'))

export function Invoke({ name }: { readonly name: string }) {
  const { t, language } = useMessages()
  const [tests, setTests] = useState(() => readTests(name))
  const [payload, setPayload] = useState(() => Object.values(tests)[0] ?? '{}')
  const [test, setTest] = useState(() => Object.keys(tests)[0] ?? '')
  const invoke = useMutation({
    mutationFn: () => invokeFunction(name, payload),
  })
  const { data } = invoke
  const fault = useMemo(() => readJson(payload).problem, [payload])
  const isKept = Object.hasOwn(tests, test)
  return (
    <>
      <div className="form">
        {Object.keys(tests).length > 0 && (
          <label>
            {t('keptTests')}{' '}
            <select
              value={isKept ? test : ''}
              onChange={({ target }) => {
                setTest(target.value)
                setPayload(tests[target.value] ?? payload)
              }}
            >
              {!isKept && <option value="">–</option>}
              {Object.keys(tests).map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
        )}
        <label>
          {t('testName')} <input value={test} maxLength={80} onChange={(event) => setTest(event.target.value)} />
        </label>
        <Button disabled={test.trim() === ''} onClick={() => setTests(keepTest(name, test.trim(), payload))}>
          {t('keepTest')}
        </Button>
        {isKept && <Button onClick={() => setTests(dropTest(name, test))}>{t('remove')}</Button>}
      </div>
      <p className="label">{t('payload')}</p>
      <Suspense fallback={<Loading />}>
        <JsonEditor
          text={payload}
          label={t('payload')}
          names={[]}
          onChange={setPayload}
          onSubmit={() => !fault && !invoke.isPending && invoke.mutate()}
        />
      </Suspense>
      <div className="toolbar">
        <Button variant="primary" disabled={fault !== undefined} loading={invoke.isPending} onClick={() => invoke.mutate()}>
          {t('invoke')}
        </Button>
        {fault && (
          <span className="reason" role="status">
            {t('inputInvalid', { reason: tellDiagnostic(fault, language) })}
          </span>
        )}
      </div>
      <Problem error={invoke.error} />
      {data && (
        <section aria-label={t('result')}>
          <p role="status">
            {data.error === undefined ? t('invoked') : t('invokedWithError', { error: data.error })}{' '}
            {showSpan(data.durationMs / 1_000)}
          </p>
          <h2>{t('result')}</h2>
          <JsonView label={t('result')} text={data.result} />
          <h2>{t('logTail')}</h2>
          <JsonView label={t('logTail')} text={data.log} />
        </section>
      )}
    </>
  )
}
