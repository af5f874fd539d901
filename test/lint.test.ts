/** Every rule of .dependency-cruiser.mjs and of eslint.config.js that is the project's own bites. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ESLint } from 'eslint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

/** A component's script that imports from `source`. */
const component = (statement: string): string =>
  `<script setup lang="ts">\n${statement}\n</script>\n<template><p /></template>\n`

describe('imports', () => {
  /** Files that break a rule: path, text, rule. */
  const FORBIDDEN: [path: string, text: string, rule: string][] = [
    ['src-main/contract/a.ts', "import '../common/random.ts'", 'direction/contract'],
    ['src-main/chart/a.ts', "import '../common/random.ts'", 'direction/chart'],
    ['src-main/chart/b.ts', "import 'vue'", 'charts anywhere'],
    ['src-main/common/a.ts', "import '../formats/npy.ts'", 'direction/common'],
    ['src-main/formats/a.ts', "import '../engine-host/contract/index.ts'", 'direction/formats'],
    ['src-main/engine-host/a.ts', "import '../engine/handlers.ts'", 'direction/engine-host'],
    ['src-main/engine/graph/a.ts', "import '../../store/index.ts'", 'direction/engine'],
    ['src-main/engine/b.ts', "import '../electron.ts'", 'direction/engine'],
    ['src-main/engine/c.ts', "export * from '../jobs/index.ts'", 'direction/engine'],
    ['src-main/engine/d.ts', "await import('../compose.ts')", 'direction/engine'],
    ['src-main/engine/e.ts', "import type { Store } from '../store/index.ts'", 'direction/engine'],
    ['src-main/store/a.ts', "import '../project/corpus/service.ts'", 'direction/store'],
    ['src-main/jobs/a.ts', "import '../project/corpus/service.ts'", 'direction/jobs'],
    ['src-main/child/a.ts', "import '../formats/npy.ts'", 'direction/child'],
    ['src-main/media/a.ts', "import '../engine-host/client.ts'", 'direction/media'],
    ['src-main/media-process/a.ts', "import '../store/index.ts'", 'direction/media-process'],
    ['src-main/media/b.ts', "import 'node-av/lib'", 'FFmpeg in its process'],
    ['src-main/hub/a.ts', "import '../store/index.ts'", 'direction/hub'],
    ['src-main/project/a.ts', "import '../engine/handlers.ts'", 'direction/project'],
    ['src-main/project/b.ts', "import '../serve.ts'", 'direction/project'],
    ['src-main/project/c.ts', "import '../compose.ts'", 'direction/project'],
    ['src-main/transport/a.ts', "import '../store/index.ts'", 'direction/transport'],
    ['src-main/cli/a.ts', "import '../store/index.ts'", 'direction/shells'],
    ['src-main/cli.ts', "import './project/corpus/service.ts'", 'direction/shells'],
    ['src-main/top.ts', "import './serve.ts'", 'direction/top files'],
    ['src-main/other.ts', "import './transport/http.ts'", 'direction/top files'],
    ['src-main/unheard-of/a.ts', "import '#contract'", 'direction/unknown folder'],
    ['src-preload/a.ts', "import '#contract'", 'direction/preload'],
    ['src-renderer/a.ts', "import '../src-main/store/index.ts'", 'direction/window'],
    ['src-renderer/views/A.vue', component("import '../../src-main/compose.ts'"), 'direction/window'],
    [
      'src-renderer/views/B.vue',
      component("import type { Store } from '../../src-main/store/index.ts'"),
      'direction/window',
    ],
    ['src-main/contract/b.ts', "import 'node:fs'", 'contract alone'],
    ['src-main/contract/c.ts', "import 'vue'", 'contract alone'],
    ['src-main/contract/d.ts', "import 'electron'", 'contract alone'],
    ['src-renderer/b.ts', "import 'node:fs'", 'window without Node'],
    ['src-renderer/views/C.vue', component("import 'fs'"), 'window without Node'],
    ['src-main/serve.ts', "import 'electron'", 'electron in its shell'],
    ['src-renderer/c.ts', "import type { App } from 'electron'", 'electron in its shell'],
    ['src-main/engine/g.ts', "import 'node:https'", 'network in its folders'],
    ['src-main/project/d.ts', "import { lookup } from 'node:dns/promises'", 'network in its folders'],
    ['src-main/engine/f.ts', "import 'onnxruntime-node'", 'ONNX Runtime by its loader'],
    ['bench/a.ts', "import * as ort from 'onnxruntime-node'", 'ONNX Runtime by its loader'],
    ['src-main/formats/b.ts', "import '../contract/index.ts'", 'contract by #contract'],
    ['src-renderer/d.ts', "import '../src-main/contract/errors.ts'", 'contract by #contract'],
    ['test/a.ts', "import '../src-main/contract/errors.ts'", 'contract by #contract'],
    ['src-main/compose.ts', "import '../test/workbench.ts'", 'no tests'],
    ['scripts/a.mjs', "import '../bench/timing.ts'", 'no tests'],
    ['src-main/project/topics/a.ts', "import '../corpus/service.ts'", 'floors'],
    ['src-main/project/unheard-of/a.ts', "import '../corpus/service.ts'", 'floors'],
    ['src-main/engine/graph/b.ts', "import type { Model } from '../captioner/x.ts'", 'floors'],
    ['src-renderer/components/A.vue', component("import '../views/A.vue'"), 'floors'],
    ['src-main/project/e.ts', "import './corpus/service.ts'", 'files beside the rooms'],
    ['src-main/common/circle.ts', "import './circle-back.ts'", 'no circles'],
    ['src-main/common/circle-back.ts', "import type { Circle } from './circle.ts'", 'no circles'],
    ['src-renderer/views/Circle.vue', component("import './circle.ts'"), 'no circles'],
    ['src-renderer/views/circle.ts', "import type Circle from './Circle.vue'", 'no circles'],
  ]
  const ALLOWED: [path: string, text: string][] = [
    ['src-main/contract/x.ts', "import 'zod'\nimport '@orpc/contract'\nimport './errors.ts'"],
    [
      'src-main/engine/graph/x.ts',
      "import '#contract'\nimport '../../formats/npy.ts'\nimport '../dispatch.ts'\nimport type { Tensor } from 'onnxruntime-node'\nimport 'node:fs'",
    ],
    [
      'src-main/project/x.ts',
      "import '../store/index.ts'\nimport '../jobs/index.ts'\nimport '../media/tools.ts'\nimport '../engine-host/contract/index.ts'",
    ],
    ['src-main/project/topics/x.ts', "import './y.ts'\nimport '../encoders/x.ts'\nimport '../x.ts'"],
    ['src-main/project/encoders/x.ts', "import '../x.ts'"],
    ['src-main/project/topics/y.ts', "import '../x.ts'"],
    ['src-main/engine/captioner/x.ts', "import '../graph/x.ts'"],
    ['src-main/transport/x.ts', "import 'node:http'"],
    ['src-main/hub/x.ts', "import 'node:https'\nimport '../formats/npy.ts'"],
    ['src-main/wiring.ts', "import './store/index.ts'\nimport './project/corpus/service.ts'"],
    ['src-main/cli/x.ts', "import '../wiring.ts'\nimport '../serve.ts'\nimport '../engine-host/process.ts'"],
    ['src-main/electron.ts', "import 'electron'\nimport './wiring.ts'\nimport './transport/port.ts'"],
    ['src-main/chart/x.ts', "import 'd3-scale'\nimport './y.ts'"],
    ['src-main/chart/y.ts', 'export {}'],
    ['src-main/formats/x.ts', "import '../chart/x.ts'"],
    [
      'src-renderer/x.ts',
      "import '#contract'\nimport './client.ts'\nimport 'vue'\nimport '../src-main/chart/x.ts'",
    ],
    ['test/x.ts', "import '#contract'\nimport '../src-main/store/index.ts'\nimport 'electron'"],
    ['bench/x.ts', "import '../test/workbench.ts'"],
  ]

  const folder = mkdtempSync(join(tmpdir(), 'vitrine-lint-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }

  let rules: string[]
  let broken: Map<string, string[]>
  beforeAll(() => {
    write('package.json', JSON.stringify({ type: 'module', imports: { '#contract': CONTRACT } }))
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const path of IMPORTED) {
      write(path, 'export {}')
    }
    for (const [path, text] of [...FORBIDDEN, ...ALLOWED]) {
      write(path, text)
    }
    ;({ rules, broken } = cruise(folder))
  })

  it('have no rule that is not tried here', () => {
    expect(new Set(FORBIDDEN.map(([, , rule]) => rule))).toEqual(new Set(rules))
  })

  it.each(FORBIDDEN)('%s must not: %s', (path, _text, rule) => {
    expect(broken.get(path)).toContain(rule)
  })

  it.each(ALLOWED)('%s may: %s', (path) => {
    expect(broken.get(path) ?? []).toEqual([])
  })
})

const CONTRACT = './src-main/contract/index.ts'
/** The files that the cases import, and that are no case themselves. */
const IMPORTED = [
  CONTRACT,
  'src-main/contract/errors.ts',
  'src-main/common/random.ts',
  'src-main/formats/npy.ts',
  'src-main/engine-host/contract/index.ts',
  'src-main/engine-host/client.ts',
  'src-main/engine-host/process.ts',
  'src-main/engine/handlers.ts',
  'src-main/engine/dispatch.ts',
  'src-main/store/index.ts',
  'src-main/jobs/index.ts',
  'src-main/media/tools.ts',
  'src-main/project/corpus/service.ts',
  'src-main/transport/http.ts',
  'src-main/transport/port.ts',
  'src-renderer/client.ts',
  'test/workbench.ts',
  'bench/timing.ts',
]

/** The rules of .dependency-cruiser.mjs, and those that each file in `folder` breaks. */
function cruise(folder: string): { rules: string[]; broken: Map<string, string[]> } {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
      '--config',
      join(root, '.dependency-cruiser.mjs'),
      '--output-type',
      'json',
      ...['src-main', 'src-preload', 'src-renderer', 'test', 'bench', 'scripts'],
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 24 },
  )
  if (stdout === '') {
    throw new Error(stderr)
  }
  const { summary } = JSON.parse(stdout) as {
    summary: {
      ruleSetUsed: { forbidden: { name: string }[] }
      violations: { from: string; rule: { name: string }; cycle?: { name: string }[] }[]
    }
  }
  const broken = new Map<string, string[]>()
  for (const { from, rule, cycle } of summary.violations) {
    // A circle is reported once, at one of its files.
    for (const path of cycle?.map(({ name }) => name) ?? [from]) {
      broken.set(path, [...(broken.get(path) ?? []), rule.name])
    }
  }
  return { rules: summary.ruleSetUsed.forbidden.map(({ name }) => name), broken }
}

describe('the linter', () => {
  const eslint = new ESLint({ cwd: root })

  /** The rules that this text would break, were it the file at `path`. */
  async function broken(path: string, text: string): Promise<(string | null)[]> {
    const [result] = await eslint.lintText(text, { filePath: join(root, path) })
    return [...new Set(result?.messages.map((message) => message.ruleId))]
  }

  it.each([
    ['contextIsolation: false', 'export const o = { webPreferences: { contextIsolation: false } }'],
    ['nodeIntegration: true', 'export const o = { webPreferences: { nodeIntegration: true } }'],
    ['executeJavaScript', 'export const f = (page) => page.executeJavaScript("1")'],
    ['openExternal', 'export const f = (shell) => shell.openExternal("https://example.org")'],
    ['a message to any origin', "export const f = (page) => page.postMessage('x', '*')"],
    ['Math.random', 'export const x = Math.random()'],
    ['an empty variable', 'export const own = 1'],
    ['an empty parameter', 'export const f = (item: number) => item'],
    ['an empty parameter with a default', 'export const f = (info = 1) => info'],
    ['an empty name taken out of an object', 'export const f = ({ size: tmp }: { size: number }) => tmp'],
    ['an empty name taken out of an array', 'export const [val] = [1]'],
    ['data as a variable', 'export const data = 1'],
  ])('forbids %s', async (_, text) => {
    expect(await broken('src-main/electron.ts', text)).toEqual(['no-restricted-syntax'])
  })

  it.each([
    ['any', 'export const x: any = 1', '@typescript-eslint/no-explicit-any'],
    [
      'choices in choices',
      'export const f = (n: number) => (n > 0 ? 1 : n < 0 ? -1 : 0)',
      'no-nested-ternary',
    ],
    ['a request to another machine', "await fetch('https://example.org')", 'no-restricted-globals'],
    [
      'a body without braces',
      'export function f(n: number) {\n  if (n > 0) return 1\n  return 0\n}',
      'curly',
    ],
  ])('forbids %s', async (_, text, rule) => {
    expect(await broken('src-main/x.ts', text)).toEqual([rule])
  })

  it('lets the hub ask', async () => {
    expect(await broken('src-main/hub/requests.ts', "await fetch('https://example.org')")).toEqual([])
  })

  it('forbids choices in choices in a template', async () => {
    const text =
      '<script setup lang="ts">\ndefineProps<{ n: number }>()\n</script>\n<template>{{ n > 0 ? 1 : n < 0 ? -1 : 0 }}</template>'
    expect(await broken('src-renderer/X.vue', text)).toEqual(['vue/no-restricted-syntax'])
  })

  it.each([
    ['in an if', 'if (n > 0) {\n    expect(n).toBe(1)\n  }'],
    ['in the other branch', 'if (n > 0) {\n    void n\n  } else {\n    expect(n).toBe(1)\n  }'],
    ['in a choice', 'void (n > 0 ? expect(n).toBe(1) : null)'],
    ['after a condition', 'void (n > 0 && expect(n).toBe(1))'],
    ['that is asked again', 'if (n > 0) {\n    void expect.poll(() => n).toBe(1)\n  }'],
    ['where its failure is caught', 'try {\n    expect(n).toBe(1)\n  } catch {\n    void n\n  }'],
    ['on what was caught', 'try {\n    void n\n  } catch (error) {\n    expect(error).toBe(1)\n  }'],
  ])('forbids an assertion %s in a test', async (_, statement) => {
    const text = `export function f(n: number) {\n  ${statement}\n}`
    expect(await broken('test/x.test.ts', text)).toEqual(['no-restricted-syntax'])
    expect(await broken('src-main/x.ts', text)).toEqual([])
  })

  it('forbids a test that leaves early', async () => {
    const text = "it('x', () => {\n  if (n > 0) {\n    return\n  }\n  expect(n).toBe(1)\n})"
    expect(await broken('test/x.test.ts', text)).toEqual(['no-restricted-syntax'])
  })

  it('lets a test choose what it expects', async () => {
    const text = 'export const f = (n: number) => expect(n > 0 ? n : -n).toBe(n > 0 ? 1 : 2)'
    expect(await broken('test/x.test.ts', text)).toEqual([])
  })

  it('lets data be taken out of an event under its name', async () => {
    expect(
      await broken('src-main/x.ts', 'export const f = ({ data }: MessageEvent<string>) => data'),
    ).toEqual([])
  })
})
