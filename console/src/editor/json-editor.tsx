/** A JSON text: coloured, checked with line and column, names offered. Tab leaves it, as it leaves any field. */
import { autocompletion, type CompletionContext } from '@codemirror/autocomplete'
import { json, jsonParseLinter } from '@codemirror/lang-json'
import { linter, lintGutter } from '@codemirror/lint'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useRef } from 'react'

import { codeLook } from './look.ts'

interface JsonEditorProps {
  readonly text: string
  readonly label: string
  readonly names: readonly string[]
  readonly onChange: (text: string) => void
}

export default function JsonEditor(props: JsonEditorProps) {
  const { text, label } = props
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const current = useRef(props)
  current.current = props
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes goes in below
  useEffect(() => {
    if (!place.current) return
    const complete = (context: CompletionContext) => {
      const word = context.matchBefore(/"[\w -]*$/)
      if (!word) return null
      return { from: word.from + 1, options: current.current.names.map((name) => ({ label: name, type: 'property' })) }
    }
    view.current = new EditorView({
      parent: place.current,
      doc: text,
      extensions: [
        ...[basicSetup, codeLook, json(), lintGutter(), linter(jsonParseLinter()), autocompletion({ override: [complete] })],
        ...[EditorView.lineWrapping, EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' })],
        EditorView.updateListener.of(({ docChanged, state }) => docChanged && current.current.onChange(state.doc.toString())),
      ],
    })
    return () => view.current?.destroy()
  }, [])
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [text])
  return <div className="code small" ref={place} />
}
