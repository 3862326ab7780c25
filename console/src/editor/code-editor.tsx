/** CodeMirror as a component: text in, text and cursor out, problems underlined. */
import { autocompletion } from '@codemirror/autocomplete'
import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { lintGutter, linter } from '@codemirror/lint'
import { Compartment } from '@codemirror/state'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'

import { notationOf, type Span } from '../model/source.ts'
import { completeDefinition } from './completion.ts'
import { diagnose } from './diagnose.ts'

interface CodeEditorProps {
  readonly text: string
  readonly type: 'STANDARD' | 'EXPRESS'
  readonly label: string
  /** Where to jump; a new object jumps again. */
  readonly target: Span | undefined
  readonly onChange: (text: string) => void
  readonly onCursor: (offset: number) => void
}

export function CodeEditor({ text, type, label, target, onChange, onCursor }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const language = useRef(new Compartment())
  const handlers = useRef({ onChange, onCursor, type })
  handlers.current = { onChange, onCursor, type }
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes goes in below
  useEffect(() => {
    if (!place.current) return
    view.current = new EditorView({
      parent: place.current,
      doc: text,
      extensions: [
        ...[basicSetup, lintGutter(), autocompletion({ override: [completeDefinition] }), EditorView.lineWrapping],
        language.current.of(languageOf(text)),
        linter(
          ({ state }) =>
            diagnose(state.doc.toString(), handlers.current.type).map((one) => ({
              ...one,
              severity: one.severity === 'ERROR' ? 'error' : 'warning',
              message: `${one.code}: ${one.message}`,
            })),
          { delay: 300 },
        ),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) handlers.current.onChange(update.state.doc.toString())
          if (update.selectionSet && update.view.hasFocus) handlers.current.onCursor(update.state.selection.main.head)
        }),
      ],
    })
    return () => view.current?.destroy()
  }, [])
  useEffect(() => {
    const { current } = view
    if (!current || current.state.doc.toString() === text) return
    current.dispatch({
      changes: { from: 0, to: current.state.doc.length, insert: text },
      effects: language.current.reconfigure(languageOf(text)),
    })
  }, [text])
  useEffect(() => {
    if (!target || !view.current) return
    const length = view.current.state.doc.length
    view.current.dispatch({
      selection: { anchor: Math.min(target.from, length), head: Math.min(target.to, length) },
      scrollIntoView: true,
    })
  }, [target])
  return <div className="code" ref={place} />
}

const languageOf = (text: string) => (notationOf(text) === 'JSON' ? json() : yaml())
