import { ESLint } from 'eslint'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const eslint = new ESLint({ cwd: root })

/** The rules that this text would break, were it the file at `path`. */
async function broken(path: string, text: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath: join(root, path) })
  return [...new Set(result?.messages.map((message) => message.ruleId))]
}

describe('imports go one way', () => {
  const direction = 'vitrine/import-direction'
  it.each([
    ['src-main/contract/x.ts', "import '../store/index.ts'", direction],
    ['src-main/formats/x.ts', "import '../engine-host/contract/index.ts'", direction],
    ['src-main/engine/graph/x.ts', "import '../../store/index.ts'", direction],
    ['src-main/engine/x.ts', "import '../electron.ts'", direction],
    ['src-main/store/x.ts', "import '../project/corpus/service.ts'", direction],
    ['src-main/jobs/x.ts', "import '../project/corpus/service.ts'", direction],
    ['src-main/media/x.ts', "import '../engine-host/client.ts'", direction],
    ['src-main/project/x.ts', "import '../engine/handlers.ts'", direction],
    ['src-main/project/x.ts', "import '../serve.ts'", direction],
    ['src-main/engine/x.ts', "export * from '../jobs/index.ts'", direction],
    ['src-main/engine/x.ts', "await import('../compose.ts')", direction],
    ['src-renderer/x.ts', "import '../src-main/store/index.ts'", direction],
    [
      'src-renderer/views/x.vue',
      '<script setup lang="ts">\nimport \'../../src-main/compose.ts\'\n</script>\n<template><p /></template>',
      direction,
    ],
    ['src-preload/x.ts', "import '../src-main/contract/index.ts'", direction],
    ['src-main/contract/x.ts', "import 'node:fs'", 'no-restricted-imports'],
    ['src-main/contract/x.ts', "import 'vue'", 'no-restricted-imports'],
    ['src-renderer/x.ts', "import 'node:fs'", 'no-restricted-imports'],
    ['src-main/serve.ts', "import 'electron'", 'no-restricted-imports'],
  ])('%s must not: %s', async (path, text, rule) => {
    expect(await broken(path, text)).toContain(rule)
  })

  it.each([
    ['src-main/contract/x.ts', "import 'zod'\nimport './errors.ts'"],
    [
      'src-main/engine/graph/x.ts',
      "import '#contract'\nimport '../../formats/npy.ts'\nimport '../contract.ts'\nimport 'onnxruntime-node'",
    ],
    [
      'src-main/project/x.ts',
      "import '../store/index.ts'\nimport '../jobs/index.ts'\nimport '../media/ffmpeg.ts'\nimport '../engine-host/contract/index.ts'",
    ],
    ['src-main/serve.ts', "import './store/index.ts'\nimport './transport/http.ts'"],
    ['src-main/electron.ts', "import 'electron'"],
    ['src-renderer/x.ts', "import '#contract'\nimport './client.ts'\nimport 'vue'"],
  ])('%s may: %s', async (path, text) => {
    expect(await broken(path, text)).toEqual([])
  })
})

it.each([
  ['contextIsolation: false', 'export const o = { webPreferences: { contextIsolation: false } }'],
  ['nodeIntegration: true', 'export const o = { webPreferences: { nodeIntegration: true } }'],
  ['Math.random', 'export const x = Math.random()'],
])('%s is forbidden', async (_, text) => {
  expect(await broken('src-main/electron.ts', text)).toEqual(['no-restricted-syntax'])
})

it('any is forbidden', async () => {
  expect(await broken('src-main/x.ts', 'export const x: any = 1')).toEqual([
    '@typescript-eslint/no-explicit-any',
  ])
})
