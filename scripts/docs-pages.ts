/**
 * The pages of docs/, rendered when the window is built: so they open in it without a network, and the window needs no
 * parser of Markdown or formulas. Formulas become MathML, which browsers draw themselves.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Marked } from 'marked'
import type { MarkedExtension, Tokens } from 'marked'
import { pagesInOrder } from '../docs/.vitepress/order.ts'
import { formulaAt, mathOf } from './docs-formulas.ts'

const NAME = 'virtual:docs'
/** The window lists licences by itself. */
const LEFT_OUT = ['licences.md']

export interface DocsSection {
  id: string
  title: string
  level: number
}

interface Rendered {
  html: string
  sections: DocsSection[]
  /** Files of pictures; the page has `picture:0`, `picture:1` ... in their place. */
  pictures: string[]
}

/** A page as HTML. Links to other pages are `#/docs/PAGE/SECTION`; what a formula has wrong is thrown. */
export function renderPage(markdown: string): Rendered {
  const sections: DocsSection[] = []
  const pictures: string[] = []
  const html = new Marked({ gfm: true }, formulas, {
    renderer: {
      heading({ tokens, depth, text }) {
        const title = plain(text)
        const id = slugOf(title)
        sections.push({ id, title, level: depth })
        // The dialog has the headings above these.
        const tag = `h${Math.min(depth + 1, 6)}`
        return `<${tag} id="docs-${id}" tabindex="-1">${this.parser.parseInline(tokens)}</${tag}>\n`
      },
      link({ href, tokens }) {
        return linkTo(href, this.parser.parseInline(tokens))
      },
      image({ href, text }) {
        pictures.push(href)
        return `<img src="picture:${pictures.length - 1}" alt="${escaped(text)}">`
      },
      // What is HTML in Markdown here is comments for programs.
      html: () => '',
    },
  }).parse(markdown, { async: false })
  return {
    html: html
      .replaceAll(/<th[^>]*><\/th>/g, '<td></td>')
      .replaceAll('<table>', '<div tabindex="0"><table>')
      .replaceAll('</table>', '</table></div>'),
    sections,
    pictures,
  }
}

/** A link within the docs leads there; what is outside of them stands as text, with its address. */
function linkTo(href: string, content: string): string {
  const [, page, section = ''] = /^(?:([\w-]+)\.md)?(?:#(.*))?$/.exec(href) ?? []
  if (page !== undefined ? !LEFT_OUT.includes(`${page}.md`) : href.startsWith('#')) {
    return `<a href="#/docs/${page ?? ''}/${section}">${content}</a>`
  }
  return /^https?:/.test(href) ? `${content} (${escaped(href)})` : content
}

const formulas: MarkedExtension = {
  extensions: [
    {
      name: 'formula',
      level: 'inline',
      start: (text) => text.indexOf('$'),
      tokenizer(text) {
        const found = formulaAt(text)
        return found === null ? undefined : { type: 'formula', raw: found.raw, text: found.formula }
      },
      renderer: ({ text }: Tokens.Generic) => mathOf(String(text), false),
    },
  ],
  renderer: {
    code({ text, lang }) {
      return lang === 'math'
        ? `<div>${mathOf(text, true)}</div>`
        : `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`
    },
  },
}

/** A heading without its marks. */
const plain = (text: string): string => text.replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1')

/** What links name a heading by, as GitHub does. */
export const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** The pages that the window has, in the order in which they are read. */
export const WINDOW_PAGES: readonly string[] = pagesInOrder.filter((name) => !LEFT_OUT.includes(`${name}.md`))

/** Vite's way to them: `import { PAGES } from 'virtual:docs'`; each page is loaded when it is opened. */
export const docsPlugin = (folder: string) => ({
  name: 'docs',
  resolveId: (id: string) => (id === NAME || id.startsWith(`${NAME}/`) ? `\0${id}` : null),
  load(id: string): string | null {
    if (id === `\0${NAME}`) {
      return listModule(folder)
    }
    return id.startsWith(`\0${NAME}/`) ? pageModule(folder, id.slice(NAME.length + 2)) : null
  },
})

function listModule(folder: string): string {
  const pages = WINDOW_PAGES.map((name) => {
    const { sections } = renderPage(readFileSync(join(folder, `${name}.md`), 'utf8'))
    const [{ title } = { title: name }, ...rest] = sections
    return `{ name: ${JSON.stringify(name)}, title: ${JSON.stringify(title)}, sections: ${JSON.stringify(rest)}, load: () => import('${NAME}/${name}') }`
  })
  return `export const PAGES = [${pages.join(',\n')}]`
}

function pageModule(folder: string, name: string): string {
  const { html, pictures } = renderPage(readFileSync(join(folder, `${name}.md`), 'utf8'))
  const imports = pictures.map(
    (file, i) => `import picture${i} from ${JSON.stringify(`${join(folder, file)}?url`)}`,
  )
  const places = pictures.map((_, i) => `.replace('picture:${i}"', picture${i} + '"')`)
  return `${imports.join('\n')}\nexport default ${JSON.stringify(html)}${places.join('')}`
}
