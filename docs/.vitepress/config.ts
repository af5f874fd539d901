/**
 * The docs as a site: `npm run docs` builds it into out/docs. It works from any place and without a network: addresses are
 * relative, the typeface and the search come along. It keeps the content security policy of the window, under which main
 * serves it: no script and no style stands in a page.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitepress'
import type { MarkdownRenderer, UserConfig } from 'vitepress'
import { formulaAt, mathOf } from '../../scripts/docs-formulas.ts'
import { escaped, slugOf } from '../../scripts/docs-pages.ts'
import { ORDER } from './order.ts'

const docs = join(import.meta.dirname, '..')
const root = join(docs, '..')

export default defineConfig({
  title: 'Vitrine',
  description:
    'Opens up a video-captioning model: shows which neuron means what, and lets a person repair it.',
  lang: 'en',
  base: './',
  outDir: join(root, 'out', 'docs'),
  cacheDir: join(root, 'node_modules', '.cache', 'vitepress'),
  // Both would set styles in the page.
  appearance: { disableTransition: false },
  contentProps: { class: 'content' },
  head: [
    ['link', { rel: 'icon', href: 'data:,' }],
    ['meta', { name: 'referrer', content: 'no-referrer' }],
  ],
  themeConfig: {
    sidebar: ORDER.map(({ title, pages }) => ({
      text: title,
      items: pages.map((name) => ({ text: titleOf(name), link: `/${name}` })),
    })),
    outline: { level: [2, 3] },
    search: { provider: 'local' },
  },
  // The search has every word of every page.
  vite: { build: { chunkSizeWarningLimit: 2000 }, plugins: [accessibleSearch()] },
  markdown: {
    anchor: { slugify: slugOf },
    highlight: (code) => `<pre v-pre tabindex="0"><code>${escaped(code)}</code></pre>`,
    image: { lazyLoad: true },
    config: (markdown) => {
      drawFormulas(markdown)
      keepLinksInside(markdown)
      alignByClass(markdown)
      leaveEmptyHeads(markdown)
      fenceIndented(markdown)
    },
  },
  transformHtml: (html, file) => withoutStyles(withScriptsAsFiles(html, dirname(file))),
})

/** The search box of VitePress as it has to be for screen readers: a dialog, whose options hold no further links. */
function accessibleSearch(): NonNullable<NonNullable<UserConfig['vite']>['plugins']>[number] {
  const selected = `:aria-selected="selectedIndex === index ? 'true' : 'false'"`
  const optionId = `:id="'localsearch-item-' + index"`
  const repairs = [
    [
      /role="button"\s+:aria-owns=".*"\s+aria-expanded="true"\s+aria-haspopup="listbox"/,
      'role="dialog" aria-modal="true"',
    ],
    [/:id="'localsearch-item-' \+ index"\s+:aria-selected=".*"\s+role="option"/, 'role="presentation"'],
    [/:aria-label="\[\.\.\.p\.titles, p\.title\].*"/, `${optionId} ${selected} role="option"`],
    [/<kbd :aria-label/g, '<kbd role="img" :aria-label'],
  ] as const
  return {
    name: 'accessible search',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/VPLocalSearchBox.vue')) {
        return null
      }
      return repairs.reduce((text, [fault, repair]) => {
        if (!fault.test(text)) {
          throw new Error(`VitePress' search box has changed: ${String(fault)} is not in it any more.`)
        }
        return text.replace(fault, repair)
      }, code)
    },
  }
}

/** The heading of a page. */
function titleOf(page: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(docs, `${page}.md`), 'utf8')) ?? []
  if (title === undefined) {
    throw new Error(`docs/${page}.md has no heading of the first level.`)
  }
  return title
}

function drawFormulas(markdown: MarkdownRenderer): void {
  markdown.inline.ruler.before('escape', 'formula', (state, silent) => {
    const found = formulaAt(state.src.slice(state.pos))
    if (found === null) {
      return false
    }
    if (!silent) {
      state.push('formula', 'math', 0).content = found.formula
    }
    state.pos += found.raw.length
    return true
  })
  markdown.renderer.rules['formula'] = (tokens, i) =>
    `<span v-pre>${mathOf(tokens[i]?.content ?? '', false)}</span>`
  const { fence } = markdown.renderer.rules
  markdown.renderer.rules.fence = (tokens, i, ...rest) => {
    const { info = '', content = '' } = tokens[i] ?? {}
    return info.trim() === 'math'
      ? `<div v-pre class="formula" tabindex="0">${mathOf(content, true)}</div>`
      : (fence?.(tokens, i, ...rest) ?? '')
  }
}

/** What lies beside docs/ is no part of the site: a link to it stands as text. */
function keepLinksInside(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('links inside', ({ tokens }) => {
    for (const { children } of tokens) {
      let isOutside = false
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          isOutside = token.attrGet('href')?.startsWith('../') === true
        }
        if (isOutside && /^link_(open|close)$/.test(token.type)) {
          token.type = 'text'
        }
      }
    }
  })
}

/** Columns of figures, which are aligned by a class and no style of their own. */
function alignByClass(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('align by class', ({ tokens }) => {
    for (const token of tokens.filter(({ type }) => /^t[hd]_open$/.test(type))) {
      const [, side] = /^text-align:(\w+)$/.exec(token.attrGet('style') ?? '') ?? []
      if (side !== undefined) {
        token.attrs = [['class', side]]
      }
    }
  })
}

/** Code that four spaces set off is scrolled, and reached by keys, as what fences set off. */
function fenceIndented(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('fence indented', ({ tokens }) => {
    for (const token of tokens.filter(({ type }) => type === 'code_block')) {
      token.type = 'fence'
      token.info = 'text'
    }
  })
}

/** A head over a column without a name is a plain cell. */
function leaveEmptyHeads(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('empty heads', ({ tokens }) => {
    for (const [i, open] of tokens.entries()) {
      const [content, close] = tokens.slice(i + 1, i + 3)
      if (open.type === 'th_open' && content?.content === '' && close?.type === 'th_close') {
        open.tag = 'td'
        close.tag = 'td'
      }
    }
  })
}

/** A page whose scripts are files beside it: no policy has to let a page bring scripts of its own. */
function withScriptsAsFiles(html: string, folder: string): string {
  return html.replaceAll(/<script([^>]*)>([^<]+)<\/script>/g, (_, attributes: string, script: string) => {
    const name = `${createHash('sha256').update(script).digest('hex').slice(0, 8)}.js`
    writeFileSync(join(folder, 'assets', name), script)
    return `<script${attributes} src="./assets/${name}"></script>`
  })
}

/** What styles elements have of their own is set by scripts, once they run. */
const withoutStyles = (html: string): string => html.replaceAll(/ style="[^"]*"/g, '')
